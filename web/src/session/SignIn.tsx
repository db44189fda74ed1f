/** The page for whoever is not signed in, and the dialogue for whom the session ended. */
import { signIn } from "../api/calls";
import { Bar } from "../frame/Bar";
import { Button, Dialog } from "../ui/parts";
import { useWords } from "../words";
import { FactorsForm } from "./FactorsForm";
import { ProviderLink, ProviderNotice } from "./ProviderLink";
import { useSession, useWho } from "./session";

export function SignInPage() {
  const { t } = useWords();
  const { enter } = useSession();
  return (
    <div className="entry">
      <Bar />
      <main>
        <div className="card">
          <h1>{t("signIn.title")}</h1>
          <p className="quiet">{t("app.subtitle")}</p>
          <ProviderNotice />
          <ProviderLink />
          <FactorsForm name="" submit="signIn.submit" show={signIn} done={enter} />
        </div>
      </main>
    </div>
  );
}

/** Covers the page, which stays as it is below. */
export function ComeBack() {
  const { t } = useWords();
  const { enter, leave } = useSession();
  const { name } = useWho();
  return (
    <Dialog title={t("signIn.ended")} opaque>
      <p>{t("signIn.kept")}</p>
      <ProviderLink />
      <FactorsForm name={name} fixedName submit="signIn.submit" show={signIn} done={enter}>
        <Button onClick={leave}>{t("signIn.other")}</Button>
      </FactorsForm>
    </Dialog>
  );
}
