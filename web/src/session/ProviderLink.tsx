/** The way in through the identity provider, where the installation has one, and what it said. */
import { useEffect, useState } from "react";
import { useLocation } from "wouter";

import { ways } from "../api/calls";
import { useWords } from "../words";

/** A link to the provider, which sends the browser back here; *again*: to show anew who one is. */
export function ProviderLink({ again = false }: { again?: boolean }) {
  const { t } = useWords();
  const [place] = useLocation();
  const [there, setThere] = useState(false);
  useEffect(() => {
    let wanted = true;
    // Without an answer the password is still a way, so nothing is said.
    ways().then(({ oidc }) => { if (wanted) setThere(oidc); }, () => undefined);
    return () => { wanted = false; };
  }, []);
  if (!there) return null;
  const query = new URLSearchParams({ place, ...(again ? { again: "true" } : {}) });
  const address = new URL(`api/v1/session/oidc?${query.toString()}`, document.baseURI);
  return <p><a href={address.href}>{t(again ? "signOn.confirm" : "signOn.link")}</a></p>;
}

/** Why the provider's word was not enough; once, and not again when the page is loaded anew. */
export function ProviderNotice() {
  const { t, known } = useWords();
  const [word] = useState(() => new URLSearchParams(location.search).get("sign-on"));
  useEffect(() => {
    if (word !== null) history.replaceState(history.state, "", location.pathname);
  }, [word]);
  if (word === null) return null;
  return (
    <div className="notice" data-tone="error" role="alert">
      <p><span aria-hidden="true">! </span>{known(`signOn.${word}`, t("signOn.refused"))}</p>
    </div>
  );
}
