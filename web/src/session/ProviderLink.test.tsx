/** The link to the provider is there when there is one; what went wrong there is told in words. */
import { I18nProvider } from "@lingui/react";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import * as api from "../api/calls";
import { i18n, speak } from "../words";
import { ProviderLink, ProviderNotice } from "./ProviderLink";

beforeAll(() => speak("en"));
afterEach(() => { cleanup(); vi.restoreAllMocks(); history.replaceState(null, "", "/"); });

const show = (part: React.ReactNode) => render(<I18nProvider i18n={i18n}>{part}</I18nProvider>);

it.each([[false, null], [true, "true"]])("leads to the provider and back to this place (again: %s)", async (again, asked) => {
  vi.spyOn(api, "ways").mockResolvedValue({ oidc: true });
  history.replaceState(null, "", "/proposals");
  show(<ProviderLink again={again} />);
  const link = await screen.findByRole("link");
  const address = new URL(link.getAttribute("href") ?? "");
  expect([address.pathname, address.searchParams.get("place"), address.searchParams.get("again")])
    .toEqual(["/api/v1/session/oidc", "/proposals", asked]);
});

it.each([() => Promise.resolve({ oidc: false }), () => Promise.reject(new api.Problem(0, "network", ""))])("is not there without a provider", async (answer) => {
  const asked = vi.spyOn(api, "ways").mockImplementation(answer);
  show(<ProviderLink />);
  await waitFor(() => { expect(asked).toHaveBeenCalled(); });
  expect(screen.queryByRole("link")).toBeNull();
});

it.each([["weak", "second factor"], ["expired", "Start again"], ["<img>", "did not prove"]])("tells %s in words, once", (word, words) => {
  history.replaceState(null, "", `/?sign-on=${encodeURIComponent(word)}`);
  show(<ProviderNotice />);
  expect(screen.getByRole("alert").textContent).toContain(words);
  expect(location.search).toBe("");
  cleanup();
  show(<ProviderNotice />);
  expect(screen.queryByRole("alert")).toBeNull();
});
