/** Many values found by typing: by keyboard, by paste, and as a screen reader is told. */
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, it } from "vitest";

import { matching, Picker, TokenList, type Option } from "./Suggest";

afterEach(cleanup);

const OPTIONS: Option[] = [
  { value: "origin", label: "origin", hint: "country" },
  { value: "departure", label: "country of departure" },
  { value: "hs2", label: "HS chapter" },
];

function Tokens({ closed = false }: { closed?: boolean }) {
  const [values, setValues] = useState<string[]>(["a"]);
  return <TokenList label="Codes" values={values} onChange={setValues} options={OPTIONS} closed={closed} remove={(what) => `Remove ${what}`} />;
}

function One() {
  const [value, setValue] = useState("");
  return <><Picker label="Feature" value={value} options={OPTIONS} onChange={setValue} /><output>{value}</output></>;
}

describe("matching", () => {
  it("wants every word, and puts first what begins with it", () => {
    expect(matching(OPTIONS, "country").map((each) => each.value)).toEqual(["departure", "origin"]);
    expect(matching(OPTIONS, "dep coun").map((each) => each.value)).toEqual(["departure"]);
    expect(matching(OPTIONS, "")).toHaveLength(3);
  });
});

describe("a list of tokens", () => {
  it("takes what is typed and pasted once, and gives each a named button", async () => {
    render(<Tokens />);
    const input = screen.getByRole("combobox", { name: "Codes" });
    await userEvent.type(input, "b{Enter}b{Enter}");
    await userEvent.click(input);
    await userEvent.paste("c, d\ne");
    expect(screen.getAllByRole("button").map((each) => each.getAttribute("aria-label"))).toEqual(["Remove a", "Remove b", "Remove c", "Remove d", "Remove e"]);
    await userEvent.click(screen.getByRole("button", { name: "Remove c" }));
    await userEvent.type(input, "{Backspace}");
    expect(screen.queryByRole("button", { name: "Remove c" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Remove e" })).toBeNull();
  });
  it("that is closed takes only what there is", async () => {
    render(<Tokens closed />);
    await userEvent.type(screen.getByRole("combobox"), "nothing{Enter}");
    expect(screen.getAllByRole("button")).toHaveLength(1);
    await userEvent.type(screen.getByRole("combobox"), "chapter{Enter}");
    expect(screen.getByRole("button", { name: "Remove hs2" })).toBeDefined();
  });
});

describe("a picker", () => {
  it("tells which suggestion Enter takes, and Escape takes none", async () => {
    render(<One />);
    const input = screen.getByRole("combobox");
    await userEvent.type(input, "count");
    const active = () => document.getElementById(input.getAttribute("aria-activedescendant") ?? "")?.textContent;
    expect(active()).toContain("departure");
    await userEvent.keyboard("{ArrowDown}");
    expect(active()).toContain("origin");
    await userEvent.keyboard("{Escape}");
    expect(input.getAttribute("aria-expanded")).toBe("false");
    expect(screen.getByRole("status").textContent).toBe("");
    await userEvent.clear(input);
    await userEvent.type(input, "hs{Enter}");
    expect(screen.getByRole("status").textContent).toBe("hs2");
  });
});
