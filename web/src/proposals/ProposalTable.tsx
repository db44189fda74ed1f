/** Proposals as rows; their state only where it differs from row to row. */
import { Link } from "wouter";

import type { ProposalTold } from "../api/calls";
import { useWords, type Key } from "../words";
import { Standing } from "./Standing";

export function ProposalTable({ of, label, states = false }: { of: ProposalTold[]; label: string; states?: boolean }) {
  const { t, instant } = useWords();
  return (
    <div className="scroll">
      <table aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{t("proposals.what")}</th>
            <th scope="col">{t("proposals.reason")}</th>
            {states && <th scope="col">{t("proposals.filter")}</th>}
            <th scope="col">{t("proposals.by")}</th>
            <th scope="col">{t("proposals.at")}</th>
            <th scope="col">{t("proposals.expires")}</th>
          </tr>
        </thead>
        <tbody>
          {of.map((each) => (
            <tr key={each.id}>
              <td>
                <Link href={`/proposals/${each.id}`} aria-describedby={`why-${each.id}`}>{t(`act.${each.act}` as Key)}</Link>
              </td>
              <td id={`why-${each.id}`}><bdi>{each.reason}</bdi></td>
              {states && <td><Standing state={each.state} /></td>}
              <td><bdi>{each.requester}</bdi></td>
              <td><time dateTime={each.requested_at}>{instant(each.requested_at)}</time></td>
              <td><time dateTime={each.expires_at}>{instant(each.expires_at)}</time></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
