/** The interface: who is signed in decides what there is to see, the address which page of it. */
import { I18nProvider } from "@lingui/react";
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import { Link, Route, Router, Switch } from "wouter";

import { Frame } from "./frame/Frame";
import { DECISION_READERS, INSPECTION_READERS, PROFILE_READERS, PROFILE_WRITERS, PROPOSAL_READERS } from "./frame/places";
import { usePreferences } from "./preferences";
import { DetailPage } from "./proposals/DetailPage";
import { ListPage } from "./proposals/ListPage";
import { SessionProvider, useSession, useWho } from "./session/session";
import { ProviderNotice } from "./session/ProviderLink";
import { ComeBack, SignInPage } from "./session/SignIn";
import { StepUpProvider } from "./session/stepUp";
import { TodayPage } from "./today/TodayPage";
import { Kit } from "./ui/kit";
import { Failed, Loading, NoRight } from "./ui/states";
import { i18n, speak, useWords } from "./words";

// What the first page does not need is loaded when it is asked for.
const QueuePage = lazy(() => import("./inspections/QueuePage"));
const InspectionPage = lazy(() => import("./inspections/InspectionPage"));
const SearchPage = lazy(() => import("./decisions/SearchPage"));
const DecisionPage = lazy(() => import("./decisions/DecisionPage"));
const ProfilesPage = lazy(() => import("./profiles/ListPage"));
const ProfilePage = lazy(() => import("./profiles/ProfilePage"));
const VersionPage = lazy(() => import("./profiles/VersionPage"));
const EditPage = lazy(() => import("./profiles/EditPage"));

/** The part of the address before our own places: the service may stand below another one. */
export function basePath(): string {
  return new URL(document.baseURI).pathname.replace(/\/$/, "");
}

export function App() {
  const { language, theme } = usePreferences();
  const [spoken, setSpoken] = useState<string | null>(null);
  useEffect(() => {
    let wanted = true;
    void speak(language).then(() => { if (wanted) setSpoken(language); });
    return () => { wanted = false; };
  }, [language]);
  if (spoken === null) return null;
  return (
    <I18nProvider i18n={i18n}>
      <Kit theme={theme} right={language === "ar"}>
        <Router base={basePath()}>
          <SessionProvider>
            <StepUpProvider><Inside /></StepUpProvider>
          </SessionProvider>
        </Router>
      </Kit>
    </I18nProvider>
  );
}

function Inside() {
  const { standing, ask } = useSession();
  if (standing.kind === "unknown") return null;
  if (standing.kind === "unreachable") return <main className="main"><Failed problem={standing.problem} again={ask} /></main>;
  if (standing.kind === "out") return <SignInPage />;
  return (
    <>
      <Frame><ProviderNotice /><Pages /></Frame>
      {standing.kind === "ended" && <ComeBack />}
    </>
  );
}

function Pages() {
  return (
    <Suspense fallback={<Loading lines={10} />}>
      <Switch>
        <Route path="/"><TodayPage /></Route>
        <Route path="/inspections"><For needs="inspections:read" roles={INSPECTION_READERS}><QueuePage /></For></Route>
        <Route path="/inspections/:id">{({ id }) => <For needs="inspections:read" roles={INSPECTION_READERS}><InspectionPage id={id} key={id} /></For>}</Route>
        <Route path="/decisions"><For needs="decisions:read" roles={DECISION_READERS}><SearchPage /></For></Route>
        <Route path="/decisions/:id">{({ id }) => <For needs="decisions:read" roles={DECISION_READERS}><DecisionPage id={id} key={id} /></For>}</Route>
        <Route path="/profiles"><For needs="profiles:read" roles={PROFILE_READERS}><ProfilesPage /></For></Route>
        <Route path="/profiles/new"><For needs="profiles:write" roles={PROFILE_WRITERS}><EditPage key="new" /></For></Route>
        <Route path="/profiles/:code">{({ code }) => <For needs="profiles:read" roles={PROFILE_READERS}><ProfilePage code={code} key={code} /></For>}</Route>
        <Route path="/profiles/:code/:number">{({ code, number }) => <For needs="profiles:read" roles={PROFILE_READERS}><VersionPage code={code} number={Number(number)} key={code + number} /></For>}</Route>
        <Route path="/profiles/:code/:number/edit">{({ code, number }) => <For needs="profiles:write" roles={PROFILE_WRITERS}><EditPage code={code} number={Number(number)} key={code + number} /></For>}</Route>
        <Route path="/proposals"><For needs="proposals:read" roles={PROPOSAL_READERS}><ListPage /></For></Route>
        <Route path="/proposals/:id">{({ id }) => <For needs="proposals:read" roles={PROPOSAL_READERS}><DetailPage id={id} key={id} /></For>}</Route>
        <Route><NotFound /></Route>
      </Switch>
    </Suspense>
  );
}

/** A page for whoever may do something; the others are told who may. */
function For({ needs, roles, children }: { needs: string; roles: readonly string[]; children: ReactNode }) {
  return useWho().may.includes(needs) ? children : <NoRight roles={roles} />;
}

function NotFound() {
  const { t } = useWords();
  return <div className="notice" data-tone="plain"><h1>{t("state.notFound")}</h1><p><Link href="/">{t("state.home")}</Link></p></div>;
}
