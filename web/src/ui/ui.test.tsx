/** Colours that can be read, marks that can be told apart, shortcuts that stay out of the way. */
import { I18nProvider } from "@lingui/react";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { readFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { isTyping } from "../frame/keys";
import { i18n, speak } from "../words";
import { LaneMark, type LaneColour } from "./LaneMark";
import { Kit } from "./kit";
import { Button, Switch } from "./parts";

const css = readFileSync(`${import.meta.dirname}/tokens.css`, "utf8");
const block = (text: string) => Object.fromEntries([...text.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value])) as Record<string, string>;
const [light = "", dark = ""] = css.split(':root[data-mantine-color-scheme="dark"]');
const THEMES = { light: block(light), dark: { ...block(light), ...block(dark) } };

/** WCAG 2.2 contrast ratio of two colours. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((start) => {
      const channel = parseInt(colour.slice(start, start + 2), 16) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Text needs 4.5 : 1, edges of controls, focus and marks 3 : 1. */
const PAIRS: [string, string, number][] = [
  ["text", "page", 4.5], ["text", "card", 4.5], ["text", "tint", 4.5], ["quiet", "page", 4.5], ["quiet", "card", 4.5],
  ["quiet", "tint", 4.5], ["link", "page", 4.5], ["link", "card", 4.5], ["link", "tint", 4.5], ["brand-ink", "brand", 4.5],
  ["danger-ink", "danger", 4.5], ["good", "card", 4.5], ["wrong", "card", 4.5], ["wrong", "page", 4.5], ["warning", "card", 4.5], ["good", "tint", 4.5], ["warning", "tint", 4.5],
  ["bar-text", "bar", 4.5], ["bar-text", "bar-tint", 4.5],
  ["edge", "card", 3], ["edge", "page", 3], ["bar-edge", "bar", 3], ["focus", "page", 3], ["focus", "card", 3], ["bar-focus", "bar", 3],
  ["lane-red", "card", 3], ["lane-orange", "card", 3], ["lane-blue", "card", 3], ["lane-green", "card", 3], ["lane-outline", "card", 3],
];

describe.each(Object.entries(THEMES))("%s", (_, tokens) => {
  it.each(PAIRS)("%s on %s has %d : 1", (front, back, least) => {
    expect(contrast(tokens[front] ?? "", tokens[back] ?? "")).toBeGreaterThanOrEqual(least);
  });
});

it("measures contrast as WCAG does", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeLessThan(4.5);
});

beforeAll(async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: vi.fn(), removeEventListener: vi.fn() }));
  await speak("en");
});
afterEach(cleanup);
const show = (part: React.ReactNode) => render(<I18nProvider i18n={i18n}><Kit theme="light" right={false}>{part}</Kit></I18nProvider>);

it("gives each lane a shape and a glyph of its own, and always a word", () => {
  const colours: LaneColour[] = ["red", "orange", "yellow", "blue", "green", "super-green"];
  const { container } = show(colours.map((colour) => <LaneMark key={colour} colour={colour} word={`word of ${colour}`} />));
  const shapes = [...container.querySelectorAll(".lane-shape")].map((path) => path.getAttribute("d"));
  const glyphs = [...container.querySelectorAll("path:not(.lane-shape)")].map((path) => path.getAttribute("d"));
  expect(new Set(shapes).size).toBe(colours.length);
  expect(new Set(glyphs).size).toBe(colours.length);
  for (const colour of colours) expect(screen.getByText(`word of ${colour}`)).toBeTruthy();
});

it("takes no second press while it is busy", async () => {
  const pressed = vi.fn();
  show(<Button busy onClick={pressed}>Save</Button>);
  await userEvent.click(screen.getByRole("button"));
  expect(pressed).not.toHaveBeenCalled();
});

it("switches by keyboard and tells its state", async () => {
  const changed = vi.fn();
  show(<Switch label="Dark" on={false} onChange={changed} />);
  await userEvent.tab();
  await userEvent.keyboard(" ");
  expect(screen.getByRole("switch", { name: "Dark" }).getAttribute("aria-checked")).toBe("false");
  expect(changed).toHaveBeenCalledWith(true);
});

it("leaves the keys to fields and dialogues", () => {
  document.body.innerHTML = '<input><p></p><div role="dialog"><button></button></div>';
  const typing = [...document.querySelectorAll("input, p, button")].map((element) => isTyping(element));
  expect(typing).toEqual([true, false, true]);
  document.body.innerHTML = "";
});
