// The catalogue's own texts, which are Markdown.

import { Marked } from "marked";
import { useMemo } from "preact/hooks";

const marked = new Marked({
  renderer: {
    // The catalogue has no HTML, and none is let through.
    html: ({ text }) => escape(text),
    // A long line scrolls, by the keyboard too.
    code: ({ text }) => `<pre tabindex="0"><code>${escape(text)}</code></pre>`,
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      return /^https:\/\//.test(href) ? `<a href="${escape(href)}" target="_blank" rel="noreferrer">${text}</a>` : text;
    },
  },
});

export function Markdown({ text, inline }: { text: string; inline?: boolean }) {
  const html = useMemo(() => (inline ? marked.parseInline(text) : marked.parse(text)) as string, [text, inline]);
  const Tag = inline ? "span" : "div";
  return <Tag class={inline ? "" : "prose"} dangerouslySetInnerHTML={{ __html: html }} />;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
