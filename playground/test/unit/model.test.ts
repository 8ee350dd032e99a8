import { Text } from "@codemirror/state";
import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { documents } from "../../src/model/documents";
import { intake } from "../../src/model/intake";
import { apply, equal } from "../../src/model/jsonpatch";
import { changed, parameters, typed } from "../../src/model/parameters";
import { range } from "../../src/model/range";
import { secrets } from "../../src/model/secrets";
import { byPath, call } from "../../src/model/settings";
import { decode, encode } from "../../src/model/share";

describe("the range of a mark", () => {
  const at = (line: string, column: number): string => {
    const doc = Text.of(["first", line]);
    const { from, to } = range(doc, 2, column);
    return doc.sliceString(from, to);
  };
  test.each([
    ["        - --log-level=debug # why", 11, "--log-level=debug"],
    ["        args: # of it", 9, "args"],
    ["  image: 'a # b' # c", 10, "'a # b'"],
    ['  image: "a \\" b"', 10, '"a \\" b"'],
    ["  url: http://host:80/x", 8, "http://host:80/x"],
    ["  - name: manager", 3, "- name"],
    ["  ümlaut: ä", 11, "ä"],
    ["  😀: a", 6, "a"],
    ["  a: 1   ", 40, ""],
  ])("of %j", (line, column, expected) => expect(at(line, column)).toBe(expected));
});

describe("files in the order of a walk", () => {
  test("folder by folder", () => {
    expect(["a-b/x", "a/x", "a.yaml", "a/b/c"].sort(byPath)).toEqual(["a/b/c", "a/x", "a-b/x", "a.yaml"]);
  });
});

describe("settings", () => {
  test("of a link that the page does not show do not count", () => {
    const settings = { profiles: ["hard"], config: { ignore: ["FX-KC"] } } as never;
    const [, options] = call({ files: [], settings, now: "n" });
    expect(options).toEqual({ profiles: ["hard"], params: undefined, failOn: undefined, mode: undefined, now: "n" });
  });
});

describe("documents of a stream", () => {
  const parts = (text: string): string[] => documents(text).map(({ from, to }) => text.slice(from, to));
  test.each([
    ["a: 1\n---\nb: 2\n", ["a: 1\n", "b: 2\n"]],
    ["---\na: 1\n--- # c\nb: 2", ["a: 1\n", "b: 2"]],
    ["a: |\n  ---\n  x\n", ["a: |\n  ---\n  x\n"]],
    ["", [""]],
  ])("%j", (text, expected) => expect(parts(text)).toEqual(expected));
});

describe("a JSON patch", () => {
  test("adds, replaces and removes without changing what it is given", () => {
    const value = { a: [1, 2], "b/c": { d: 1 } };
    expect(apply(value, { op: "add", path: "/a/-", value: 3 })).toEqual({ a: [1, 2, 3], "b/c": { d: 1 } });
    expect(apply(value, { op: "replace", path: "/b~1c/d", value: 2 })).toEqual({ a: [1, 2], "b/c": { d: 2 } });
    expect(apply(value, { op: "remove", path: "/a/0" })).toEqual({ a: [2], "b/c": { d: 1 } });
    expect(value).toEqual({ a: [1, 2], "b/c": { d: 1 } });
  });
  test.each(["/x/y", "/a/7", "/a/01", "/b~1c/d/e"])("does not go to %s", (path) => {
    expect(() => apply({ a: [1], "b/c": { d: 1 } }, { op: "replace", path, value: 0 })).toThrow();
  });
  test("equality", () => {
    expect(equal({ a: 1, b: [null] }, { b: [null], a: 1 })).toBe(true);
    expect(equal({ a: undefined }, { b: undefined })).toBe(false);
    expect(equal([1], { 0: 1 })).toBe(false);
  });
});

describe("a link", () => {
  const shared = { files: [{ name: "ä/b.yaml", text: "x: 😀\n".repeat(500) }], settings: { profiles: ["hard" as const] } };
  test("holds files and settings, compressed, in characters of an address", () => {
    const link = encode(shared);
    expect(link).toMatch(/^#s=[\w-]+$/);
    expect(link.length).toBeLessThan(400);
    expect(decode(link)).toEqual(shared);
  });
  test("without any of ours is none", () => expect(decode("#top")).toBeUndefined());
  test.each([["cut", (link: string) => link.slice(0, -20)], ["changed", (link: string) => `${link.slice(0, 20)}AAAA${link.slice(24)}`], ["empty", () => "#s="]])(
    "that is %s is an error",
    (_, damage) => expect(() => decode(damage(encode(shared)))).toThrow(/damaged|something else/),
  );
  test("that is a bomb is an error", () => {
    const bomb = encode({ files: [{ name: "a", text: "a".repeat(40 << 20) }], settings: {} });
    expect(bomb.length).toBeLessThan(100_000);
    expect(() => decode(bomb)).toThrow(/32 MiB/);
  });
});

describe("secrets", () => {
  const found = (text: string, name = "a.yaml"): string[] => secrets([{ name, text }]).map(({ what }) => what);
  const secret = (rest: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: n}\n${rest}`;
  test("are found by what they hold", () => {
    expect(found(`a: 1\n---\n${secret("stringData: {token: CANARY-1}\n")}`)).toEqual(["Secret n/x"]);
    expect(found(secret("data: {token: Q0FOQVJZ}\nsops: {mac: x}\n"))).toEqual(["Secret n/x, encrypted by SOPS"]);
    expect(found(`kind: List\nitems:\n- ${secret("data: {a: b}").replaceAll("\n", "\n  ")}\n`)).toEqual(["Secret n/x"]);
    expect(found("secretGenerator:\n- name: a\n  literals: [password=CANARY-2]\n")).toEqual(["literals of a secretGenerator"]);
    expect(found("A=CANARY-3", "prod.env")).toEqual(["the whole file"]);
  });
  test("and where a document cannot be read it counts as one", () => {
    expect(found("kind: Secret\ndata: [\n")).toEqual(["a document that mentions a Secret and cannot be read"]);
  });
  test("a reference to one is none", () => {
    expect(found("kind: Kustomization\nspec: {decryption: {secretRef: {name: x}}}\n# a Secret\n")).toEqual([]);
    expect(found(secret("data: {}\n"))).toEqual([]);
  });
  test("their values are in no message", () => {
    expect(JSON.stringify(secrets([{ name: "a.yaml", text: secret("stringData: {token: CANARY-4}\n") }]))).not.toContain("CANARY");
  });
});

describe("what users bring", () => {
  const raw = (path: string, text: string) => ({ path, bytes: strToU8(text) });
  const names = (files: ReturnType<typeof intake>): string[] => files.files.map(({ name }) => name);

  test("a zip is unpacked, without the folder around everything", () => {
    const bytes = zipSync({ "repo-main/clusters/a.yaml": strToU8("a: 1"), "repo-main/.git/config": strToU8("x"), "repo-main/logo.png": new Uint8Array([0, 1]) });
    expect(names(intake([{ path: "repo.zip", bytes }]))).toEqual(["clusters/a.yaml"]);
  });
  test("a folder that manifests speak of stays", () => {
    expect(names(intake([raw("clusters/main/sync.yaml", "spec:\n  path: ./clusters/main\n"), raw("clusters/x.yaml", "")]))).toEqual([
      "clusters/main/sync.yaml",
      "clusters/x.yaml",
    ]);
  });
  test("a name that climbs out of the archive does not", () => {
    const bytes = zipSync({ "../../etc/a.yaml": strToU8("a: 1"), "b.yaml": strToU8("b: 1") });
    expect(names(intake([{ path: "x.zip", bytes }]))).toEqual(["etc/a.yaml", "b.yaml"]);
  });
  test("an archive that is none, one that is a bomb, and what is no text are said to be left out", () => {
    const bomb = zipSync({ "a.yaml": new Uint8Array(65 << 20) });
    expect(intake([raw("x.zip", "no zip")]).left).toHaveLength(1);
    expect(intake([{ path: "x.zip", bytes: bomb }])).toMatchObject({ files: [], left: [expect.stringContaining("64 MiB")] });
    expect(intake([{ path: "a.yaml", bytes: new Uint8Array([0xff, 0xfe, 0x61]) }]).left).toEqual(["a.yaml: not UTF-8 text"]);
  });
});

describe("parameters", () => {
  const control = (id: string, params: Record<string, unknown>) => ({ id, params }) as never;
  const [limit, names] = parameters([
    control("A", { limit: { type: "integer", minimum: 1, default: 5 }, names: { type: "array", items: { type: "string" }, default: [] } }),
    control("B", { names: { type: "array", items: { type: "string" }, default: [] } }),
  ]);
  test("are fields by their schema, once for all controls that read them", () => {
    expect(limit).toMatchObject({ name: "limit", field: { type: "number", minimum: 1 }, controls: ["A"] });
    expect(names).toMatchObject({ field: { type: "lines" }, controls: ["A", "B"] });
  });
  test("an empty number is no zero", () => expect(typed({ type: "number", minimum: 1, maximum: undefined }, " ")).toBeNull());
  test("the default is no setting", () => {
    if (!limit) throw new Error("no parameter");
    expect(changed({ limit: 7, other: 1 }, limit, 5)).toEqual({ other: 1 });
    expect(changed({}, limit, 6)).toEqual({ limit: 6 });
  });
});
