import { describe, expect, it } from "vitest";

import { differences } from "./differences";

const profile = { code: "p1", title: "Phones", lane: "documents", share: "0.5", when: { all_of: [{ feature: "a", "<": 1 }] } };
const content = (profiles: object[], plan: object = { id: "x" }) => ({
  rules: { language: 1, lists: [], profiles },
  lanes: { lanes: [{ code: "red", words: { en: "Examine" } }] },
  checks: { checks: [] },
  plan,
});

describe("what a proposal changes", () => {
  it("is nothing when only the order differs", () => {
    const other = { code: "p2", title: "Tyres" };
    expect(differences(content([profile, other]), content([other, { ...profile }]))).toEqual([]);
  });
  it("names the thing, the member and both values", () => {
    expect(differences(content([profile]), content([{ ...profile, share: "0.8" }]))).toEqual([
      { kind: "profile", code: "p1", title: "Phones", how: "changed", changes: [{ path: ["share"], before: "0.5", after: "0.8" }] },
    ]);
  });
  it("shows a condition as a whole", () => {
    const when = { all_of: [{ feature: "a", "<": 2 }] };
    const [found] = differences(content([profile]), content([{ ...profile, when }]));
    expect(found?.changes).toEqual([{ path: ["when"], before: profile.when, after: when }]);
  });
  it("lists every member of what is new, and what is removed by name", () => {
    const [added] = differences(content([]), content([profile]));
    expect(added?.how).toBe("added");
    expect(added?.changes.map(({ path }) => path[0])).toEqual(["title", "when", "lane", "share"]);
    expect(differences(content([profile]), content([]))).toEqual([
      { kind: "profile", code: "p1", title: "Phones", how: "removed", changes: [] },
    ]);
  });
  it("leaves nothing out that it has no name for", () => {
    const [found] = differences(content([]), { ...content([]), surprise: { a: 1 } });
    expect(found).toMatchObject({ kind: "other", changes: [{ path: ["surprise"], after: { a: 1 } }] });
    const [language] = differences(content([]), { ...content([]), rules: { language: 2, lists: [], profiles: [] } });
    expect(language?.changes).toEqual([{ path: ["rules", "language"], before: 1, after: 2 }]);
  });
  it("tells what comes to a list and what goes from it", () => {
    const list = { code: "watched", kind: "party", source: "Unit", replaces: "ab", added: [], removed: [] };
    expect(differences({ lists: [list] }, { lists: [{ ...list, added: ["T1"], removed: ["T2"] }] })).toEqual([
      {
        kind: "list", code: "watched", title: "", how: "changed",
        changes: [{ path: ["added"], before: [], after: ["T1"] }, { path: ["removed"], before: [], after: ["T2"] }],
      },
    ]);
  });
  it("says which model follows which, and that there was none", () => {
    expect(differences({ version: "m1" }, { version: "m2" })[0]).toMatchObject({ kind: "model", changes: [{ before: "m1", after: "m2" }] });
    expect(differences({}, { version: "m2" })[0]?.changes[0]).toEqual({ path: ["version"], before: undefined, after: "m2" });
  });
  it("tells a change deep in the plan by its path", () => {
    const [found] = differences(content([], { floor: { probability: 0.01 } }), content([], { floor: { probability: 0.02 } }));
    expect(found?.changes).toEqual([{ path: ["floor", "probability"], before: 0.01, after: 0.02 }]);
  });
});
