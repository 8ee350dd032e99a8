// The editor's parts: YAML, and colours from the page's own variables.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.content], color: "var(--text)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--code-atom)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--code-comment)" },
  { tag: [tags.meta, tags.punctuation, tags.separator, tags.brace, tags.squareBracket], color: "var(--code-mark)" },
  { tag: [tags.labelName, tags.typeName], color: "var(--code-atom)" },
]);

const looks = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)", height: "100%", fontSize: "var(--code-size)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--text)", padding: "var(--s2) 0" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-faint)", border: "none", paddingLeft: "var(--s1)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--line-active)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selection)" },
  ".cm-selectionMatch": { backgroundColor: "var(--match)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "var(--radius)", boxShadow: "var(--shadow)", overflow: "hidden", maxWidth: "min(480px, 90vw)" },
  ".cm-diagnostic": { padding: "var(--s2) var(--s3)", borderLeftWidth: "3px", fontFamily: "var(--sans)", fontSize: "13px" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--fail)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--unknown)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--accent)" },
  ".cm-diagnosticSource": { color: "var(--text-soft)", opacity: "1" },
  ".cm-diagnosticAction": { minHeight: "0", padding: "2px 8px", backgroundColor: "var(--surface)", color: "var(--accent)", border: "1px solid var(--line-strong)", borderRadius: "4px" },
  ".cm-lintRange": { backgroundImage: "none", textDecorationLine: "underline", textDecorationStyle: "wavy", textDecorationThickness: "1.5px", textUnderlineOffset: "3px", textDecorationSkipInk: "none" },
  ".cm-lintRange-error": { textDecorationColor: "var(--fail)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--unknown)" },
  ".cm-lintRange-info": { textDecorationColor: "var(--accent)" },
  ".cm-lintRange-active": { backgroundColor: "var(--match)" },
  ".cm-lint-marker": { width: "8px", height: "8px", borderRadius: "50%", content: "none", margin: "3px 3px 0" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--fail)" },
  ".cm-lint-marker-warning": { content: "none", backgroundColor: "var(--unknown)" },
  ".cm-lint-marker-info": { content: "none", backgroundColor: "var(--accent)" },
  ".cm-gutter-lint": { width: "14px" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-panel.cm-search": { fontFamily: "var(--sans)", padding: "var(--s2)" },
  ".cm-textfield": { backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--line-strong)", borderRadius: "4px" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--line-strong)", borderRadius: "4px" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--line-active)", color: "var(--text-soft)", border: "1px solid var(--line)" },
  ".cm-changedLine, &.cm-merge-b .cm-changedLine": { backgroundColor: "var(--added)" },
  ".cm-deletedChunk": { backgroundColor: "var(--removed)", paddingLeft: "6px" },
  "&.cm-merge-b .cm-changedText, .cm-changedText": { background: "var(--added-strong)" },
  ".cm-deletedChunk .cm-deletedText, .cm-deletedText": { background: "var(--removed-strong)", textDecoration: "none" },
  ".cm-changeGutter": { width: "3px" },
  ".cm-changedLineGutter": { background: "var(--pass)" },
  ".cm-deletedLineGutter": { background: "var(--fail)" },
  ".cm-collapsedLines": { background: "var(--raised)", color: "var(--text-soft)", padding: "var(--s1) var(--s3)", fontFamily: "var(--sans)", fontSize: "12px" },
  // The marks beside the words are in few fonts.
  ".cm-collapsedLines::before, .cm-collapsedLines::after": { content: "none" },
});

/** What every view of YAML has, whether it can be edited or not. */
export const reading: Extension = [yaml(), syntaxHighlighting(colours), looks, EditorView.lineWrapping, lineNumbers(), indentUnit.of("  ")];

/** Tab is left alone: it moves the focus on, as everywhere on the page. */
export const writing: Extension = [
  yaml(),
  syntaxHighlighting(colours),
  looks,
  lineNumbers(),
  foldGutter(),
  lintGutter(),
  history(),
  drawSelection(),
  indentOnInput(),
  indentUnit.of("  "),
  bracketMatching(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  keymap.of([...lintKeymap, ...searchKeymap, ...foldKeymap, ...historyKeymap, ...defaultKeymap]),
  EditorView.contentAttributes.of({ "aria-label": "Manifest", tabindex: "0", spellcheck: "false", autocorrect: "off", autocapitalize: "off" }),
];
