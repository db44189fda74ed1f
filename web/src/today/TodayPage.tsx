/** What waits for whoever is signed in, and who that is. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";

import { queue } from "../api/calls";
import { useProposals, waitingFor } from "../proposals/queries";
import { ProposalTable } from "../proposals/ProposalTable";
import { useWho } from "../session/session";
import { Card } from "../ui/parts";
import { Empty, Shown } from "../ui/states";
import { useWords } from "../words";

export function TodayPage() {
  const { t } = useWords();
  const who = useWho();
  const approves = who.may.includes("proposals:approve");
  return (
    <div className="page">
      <div className="head"><h1>{t("nav.today")}</h1></div>
      <div className="columns">
        <div className="page">
          {who.may.includes("inspections:assign") && <ToInspect />}
          {approves ? <Waiting name={who.name} /> : !who.may.includes("inspections:assign") && <Card title={t("today.waiting")}><Empty>{t("today.noApproval")}</Empty></Card>}
        </div>
        <Account />
      </div>
    </div>
  );
}

/** How much waits at the own office. */
function ToInspect() {
  const { t } = useWords();
  const query = useQuery({ queryKey: ["inspections", "queue", "today"], queryFn: () => queue({}) });
  return (
    <Card title={t("nav.inspections")}>
      <Shown query={query} lines={2}>
        {(page) => (page.office === null ? <Empty>{t("queue.noOffice")}</Empty> : (
          <p><Link href="/inspections">{t("queue.title", { office: page.office })}</Link> {t("queue.open", { count: page.lanes.reduce((sum, each) => sum + each.waiting, 0) })}</p>
        ))}
      </Shown>
    </Card>
  );
}

function Waiting({ name }: { name: string }) {
  const { t } = useWords();
  const query = useProposals();
  return (
    <>
      <Card title={t("today.waiting")}>
        <Shown query={query}>
          {(all) => {
            const waiting = waitingFor(name, all);
            if (waiting.length === 0) return <Empty>{t("today.nothing")}</Empty>;
            return <><p>{t("today.count", { count: waiting.length })}</p><ProposalTable of={waiting} label={t("today.waiting")} /></>;
          }}
        </Shown>
      </Card>
      {query.data?.some((each) => each.state === "approved") && (
        <Card title={t("today.toDo")}>
          <ProposalTable of={query.data.filter((each) => each.state === "approved")} label={t("today.toDo")} />
        </Card>
      )}
    </>
  );
}

function Account() {
  const { t, list, known, instant } = useWords();
  const who = useWho();
  const offices = who.offices.includes("*") ? t("you.all") : who.offices.length > 0 ? list(who.offices) : t("you.none");
  return (
    <Card title={t("today.you")}>
      <dl className="facts">
        <dt>{t("signIn.name")}</dt>
        <dd><bdi>{who.name}</bdi></dd>
        <dt>{t("you.roles")}</dt>
        <dd>{list(who.roles.map((role) => known(`role.${role}`, role)))}</dd>
        <dt>{t("you.offices")}</dt>
        <dd>{offices}</dd>
        {who.compartments.length > 0 && <><dt>{t("you.compartments")}</dt><dd>{list(who.compartments)}</dd></>}
        <dt>{t("you.until")}</dt>
        <dd><time dateTime={who.ends_at}>{instant(who.ends_at)}</time></dd>
      </dl>
    </Card>
  );
}
