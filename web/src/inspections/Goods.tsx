/** What a declaration is about, in a cell: code, words, how many more items, importer. */
import type { ListedInspection } from "../api/calls";
import { useWords } from "../words";

export function Goods({ row }: { row: ListedInspection }) {
  const { t } = useWords();
  return (
    <>
      <bdi>{row.hs_code}</bdi> {row.goods && <bdi>{row.goods}</bdi>}
      {row.items > 1 && <span className="quiet"> {t("queue.items", { count: row.items - 1 })}</span>}
      {row.importer && <div className="quiet"><bdi>{row.importer.name ?? row.importer.id}</bdi></div>}
    </>
  );
}
