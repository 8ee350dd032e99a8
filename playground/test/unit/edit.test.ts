import { describe, expect, test } from "vitest";
import { patchText } from "../../src/model/edit";
import type { Operation } from "../../src/model/jsonpatch";

const DEPLOYMENT = `# The controller.
spec:
  template: # of the pods
    spec:
      containers:
      - name: manager # ours
        args:
        - --log-level=info
        # the last one
        - --enable-leader-election
        image: 'a:v1' # pinned
        securityContext:
          runAsUser: 0
          capabilities: {drop: [NET_RAW], add: []}
      hostNetwork: true
      empty: {}
      text: |
        two
        lines
`;
const CONTAINER = "/spec/template/spec/containers/0";

function patched(op: Operation["op"], path: string, value?: unknown, text = DEPLOYMENT): string[] {
  const result = patchText(text, [], [{ op, path, ...(value !== undefined && { value }) }]);
  return difference(text.split("\n"), result.split("\n"));
}

/** Lines that went (`-`) and came (`+`), where the change is one stretch. */
function difference(before: string[], after: string[]): string[] {
  let from = 0;
  while (before[from] === after[from] && from < before.length) from++;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - from && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return [...before.slice(from, before.length - tail).map((line) => `-${line}`), ...after.slice(from, after.length - tail).map((line) => `+${line}`)];
}

describe("a patch changes only the lines that it has to", () => {
  test("an item more, in the indentation of the list", () => {
    expect(patched("add", `${CONTAINER}/args/-`, "--no-remote-bases=true")).toEqual(["+        - --no-remote-bases=true"]);
  });

  test("a member more, after the last one", () => {
    expect(patched("add", `${CONTAINER}/securityContext/readOnlyRootFilesystem`, true)).toEqual(["+          readOnlyRootFilesystem: true"]);
  });

  test("a member with more below it", () => {
    expect(patched("add", "/spec/template/spec/securityContext", { seccompProfile: { type: "RuntimeDefault" } })).toEqual([
      "+      securityContext:",
      "+        seccompProfile:",
      "+          type: RuntimeDefault",
    ]);
  });

  test("another scalar, and its comment stays", () => {
    expect(patched("replace", `${CONTAINER}/image`, "a:v2")).toEqual(["-        image: 'a:v1' # pinned", "+        image: a:v2 # pinned"]);
  });

  test("an item in the place of another", () => {
    expect(patched("replace", `${CONTAINER}/args/0`, "--log-level=error")).toEqual(["-        - --log-level=info", "+        - --log-level=error"]);
  });

  test("adding what is there replaces it", () => {
    expect(patched("add", `${CONTAINER}/securityContext/runAsUser`, 65534)).toEqual(["-          runAsUser: 0", "+          runAsUser: 65534"]);
  });

  test("a member less", () => {
    expect(patched("remove", "/spec/template/spec/hostNetwork")).toEqual(["-      hostNetwork: true"]);
  });

  test("text that only YAML 1.1 would read as something else is quoted", () => {
    expect(patched("add", `${CONTAINER}/args/-`, "on")).toEqual(['+        - "on"']);
  });
});

describe("what no line shows is written anew, and says the same", () => {
  const whole = (op: Operation["op"], path: string, value?: unknown): string =>
    patchText(DEPLOYMENT, [], [{ op, path, ...(value !== undefined && { value }) }]);

  test("a flow collection", () => {
    const text = whole("add", `${CONTAINER}/securityContext/capabilities/drop`, ["ALL"]);
    expect(text).toMatch(/drop: *\[ *ALL *\]|drop:\n *- ALL/);
    expect(text).toContain("# The controller.");
    expect(text).toContain("# the last one");
  });

  test("an empty mapping", () => {
    expect(whole("add", "/spec/template/spec/empty/key", "value")).toContain("key: value");
  });

  test("a block of text keeps its lines", () => {
    expect(whole("add", "/spec/template/spec/after", 1)).toContain("      text: |\n        two\n        lines\n      after: 1\n");
  });
});

describe("a list whose items stand deeper than its key", () => {
  const text = "resources:\n  - a.yaml\n  - b.yaml\n";
  test("gets items there, and lists below it do as well", () => {
    expect(patchText(text, [], [{ op: "add", path: "/patches", value: [{ patch: "- op: add\n  path: /a\n", target: { kind: "X" } }] }])).toBe(
      `${text}patches:\n  - patch: |\n      - op: add\n        path: /a\n    target:\n      kind: X\n`,
    );
  });

  test("without a newline at its end", () => {
    expect(patchText("a:\n  - x", [], [{ op: "add", path: "/a/-", value: "z" }]).trimEnd()).toBe("a:\n  - x\n  - z");
  });

  test("loses its first item with its line", () => {
    expect(patchText(text, [], [{ op: "remove", path: "/resources/0" }])).toBe("resources:\n  - b.yaml\n");
  });

  test("a member in the line of a dash", () => {
    expect(patchText("a:\n  - x: 1\n    y: 2\n", [], [{ op: "remove", path: "/a/0/x" }])).toBe("a:\n  - y: 2\n");
  });
});

describe("what cannot be placed is refused", () => {
  test.each([
    ["a place that is not there", "a: 1\n", "/b/c"],
    ["a place behind an alias", "x: &x {a: 1}\ny: *x\n", "/y/a"],
    ["text that is no YAML", "a: [1\n", "/a"],
  ])("%s", (_, text, path) => {
    expect(() => patchText(text, [], [{ op: "add", path, value: 2 }])).toThrow(expect.objectContaining({ name: "Refusal" }));
  });
});

test("patches of an object in a list start at the object", () => {
  const text = "kind: List\nitems:\n- a: 1\n- a: 2\n";
  expect(patchText(text, ["items", "1"], [{ op: "replace", path: "/a", value: 3 }])).toBe("kind: List\nitems:\n- a: 1\n- a: 3\n");
});

test("JSON stays JSON, in its own indentation", () => {
  const value = { kind: "List", items: [{ spec: { a: 1 } }] };
  const patched = patchText(`${JSON.stringify(value, undefined, 4)}\n`, ["items", "0"], [{ op: "add", path: "/spec/b", value: true }]);
  expect(patched).toBe(`${JSON.stringify({ kind: "List", items: [{ spec: { a: 1, b: true } }] }, undefined, 4)}\n`);
});
