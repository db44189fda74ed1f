/** The mark of a lane: shape, glyph and word first, colour last. */
export type LaneColour = "red" | "orange" | "yellow" | "blue" | "green" | "super-green";

const INK = { stroke: "var(--lane-ink)", strokeWidth: 2, fill: "none", strokeLinecap: "round" } as const;

/** Colour of a lane -> its shape and what is drawn in it. */
const MARKS: Record<LaneColour, { shape: string; glyph: string; filled?: string }> = {
  red: { shape: "M7 1.5h10L22.500 7v10L17 22.500H7L1.500 17V7z", glyph: "M12 6v7M12 17.200v.1" },
  orange: { shape: "M6.500 2h11L23 12l-5.500 10h-11L1 12z", glyph: "M6 12h12M9 9v6M15 9v6" },
  yellow: { shape: "M12 .8 23.200 12 12 23.200.8 12z", glyph: "M8 9.500h8M8 12.500h8M9.500 15.500h5" },
  blue: { shape: "M12 1a11 11 0 1 1 0 22 11 11 0 0 1 0-22z", glyph: "M12 6.500V12l4 2.500" },
  green: { shape: "M2 2h20v20H2z", glyph: "m7 12.500 3.500 3.500L17 8.500" },
  "super-green": { shape: "M1 1h22v22H1z", glyph: "M5 5h14v14H5zM8.500 12.200l2.500 2.500 4.500-5.200" },
};

/** A lane as the administration wrote it; one of no known colour is told by its word alone. */
export function Lane({ colour, word }: { colour: string | null; word: string }) {
  return colour !== null && colour in MARKS ? <LaneMark colour={colour as LaneColour} word={word} /> : <span className="lane-mark">{word}</span>;
}

export function LaneMark({ colour, word }: { colour: LaneColour; word: string }) {
  const mark = MARKS[colour];
  return (
    <span className="lane-mark" data-lane={colour}>
      <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" focusable="false">
        <path d={mark.shape} className="lane-shape" />
        <path d={mark.glyph} {...INK} />
      </svg>
      {word}
    </span>
  );
}
