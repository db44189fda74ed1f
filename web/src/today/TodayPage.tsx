/** What waits for whoever is signed in, and who that is. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";

import { queue } from "../api/calls";
import { LaneTabs } from "../inspections/LaneTabs";
import { useTakeNext } from "../inspections/queries";
import { useProposals, waitingFor } from "../proposals/queries";
import { ProposalTable } from "../proposals/ProposalTable";
import { useProfiles } from "../profiles/queries";
import { useWho } from "../session/session";
import { Lane } from "../ui/LaneMark";
import { Button, Card } from "../ui/parts";
import { Empty, Shown } from "../ui/states";
import { useWords } from "../words";

/** How many of those that wait longest are shown. */
const FIRST = 5;

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
          {who.may.includes("profiles:write") && <MyProfiles name={who.name} approves={who.may.includes("profiles:approve")} />}
          {approves ? <Waiting name={who.name} /> : !who.may.includes("inspections:assign") && <Card title={t("today.waiting")}><Empty>{t("today.noApproval")}</Empty></Card>}
        </div>
        <Account />
      </div>
    </div>
  );
}

/** What waits at the own office: how much in each lane, and what waits longest. */
function ToInspect() {
  const { t, pick } = useWords();
  const who = useWho();
  const query = useQuery({ queryKey: ["inspections", "queue", "today"], queryFn: () => queue({}) });
  const taking = useTakeNext(who.name);
  return (
    <Card title={query.data?.office ? t("queue.title", { office: query.data.office }) : t("nav.inspections")}>
      <Shown query={query} lines={4}>
        {(page) => {
          if (page.office === null) return <Empty>{t("queue.noOffice")}</Empty>;
          const first = page.inspections.slice(0, FIRST);
          const lane = (code: string) => page.lanes.find((each) => each.code === code);
          return (
            <>
              <LaneTabs of={page} chosen={undefined} />
              {first.length > 0 && (
                <>
                  <ul className="plain">
                    {first.map((row) => (
                      <li key={row.decision_id}>
                        <Lane colour={lane(row.lane)?.colour ?? null} word={pick(lane(row.lane)?.words ?? {}, row.lane)} />{" "}
                        <Link href={`/inspections/${row.decision_id}`}><bdi>{row.declaration_id}</bdi></Link> <bdi>{row.first_reason}</bdi>
                      </li>
                    ))}
                  </ul>
                  <p><Button kind="main" busy={taking.isPending} onClick={() => { taking.mutate({ asked: {} }); }}>{t("queue.next")}</Button></p>
                </>
              )}
            </>
          );
        }}
      </Shown>
    </Card>
  );
}

/** Profiles that wait for this person: to be approved or reviewed, or to be gone on with. */
function MyProfiles({ name, approves }: { name: string; approves: boolean }) {
  const { t } = useWords();
  const query = useProfiles();
  const waiting = query.data?.filter(({ newest, review_due }) => approves && ((newest?.stage === "submitted" && !newest.writers.includes(name)) || review_due)) ?? [];
  const drafts = query.data?.filter(({ newest }) => newest?.stage === "draft" && newest.writers.includes(name)) ?? [];
  const lists = [["today.profiles", waiting], ["today.drafts", drafts]] as const;
  return (
    <Shown query={query} lines={2}>
      {() => lists.map(([title, profiles]) => profiles.length > 0 && (
        <Card key={title} title={t(title)}>
          <ul className="plain">
            {profiles.map((each) => (
              <li key={each.code}><Link href={`/profiles/${each.code}/${String(each.newest?.number)}`}><bdi>{each.title}</bdi></Link> <bdi className="quiet">{each.newest?.writers.join(", ")}</bdi></li>
            ))}
          </ul>
        </Card>
      ))}
    </Shown>
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
