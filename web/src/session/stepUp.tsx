/** Sensitive acts want both factors shown within the last minutes: ask for them, then do the act. */
import { createContext, use, useCallback, useState, type ReactNode } from "react";

import { Problem, renew, type WhoAmI } from "../api/calls";
import { Button, Dialog } from "../ui/parts";
import { useWords } from "../words";
import { FactorsForm } from "./FactorsForm";
import { ProviderLink } from "./ProviderLink";
import { useSession } from "./session";

/** The person closed the dialogue: nothing was done, and nothing failed. */
export class Declined extends Error {}

type Guarded = <T>(act: () => Promise<T>) => Promise<T>;
const Context = createContext<Guarded | null>(null);

/** Return what does an act, asking for both factors in between if the server wants them. */
export function useGuarded(): Guarded {
  const guarded = use(Context);
  if (guarded === null) throw new Error("BUG: no step-up above this part");
  return guarded;
}

interface Asking {
  shown: (who: WhoAmI) => void;
  declined: () => void;
}

export function StepUpProvider({ children }: { children: ReactNode }) {
  const { t } = useWords();
  const { enter } = useSession();
  const [asking, setAsking] = useState<Asking | null>(null);

  const guarded = useCallback<Guarded>(
    async (act) => {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "step-up-needed") throw error;
      }
      const who = await new Promise<WhoAmI>((resolve, reject) => {
        setAsking({ shown: resolve, declined: () => { reject(new Declined()); } });
      });
      enter(who);
      return act();
    },
    [enter],
  );
  const close = (then: () => void) => {
    setAsking(null);
    then();
  };
  return (
    <Context value={guarded}>
      {children}
      {asking && (
        <Dialog title={t("stepUp.title")} onClose={() => { close(asking.declined); }}>
          <p>{t("stepUp.why")}</p>
          <ProviderLink again />
          <FactorsForm
            name={null}
            submit="stepUp.submit"
            show={({ password, code }) => renew({ password, code })}
            done={(who) => { close(() => { asking.shown(who); }); }}
          >
            <Button onClick={() => { close(asking.declined); }}>{t("cancel")}</Button>
          </FactorsForm>
        </Dialog>
      )}
    </Context>
  );
}
