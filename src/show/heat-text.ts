import { type Heat, STEPS } from "./heat.ts";

/** Letters for numbers from low to high, with one sign and with both, and for what is no number. */
const SHADES = "·░▒▓█";
const SIGNED = "≡=- +*#";
const STRANGE = "?∞∞";

/** A heat map for a terminal: a letter a cell. */
export function heatText({ title, summary, steps, signed, labels, strange }: Heat): string {
  const shades = signed ? SIGNED : SHADES;
  const letterOf = (step: number): string =>
    STRANGE[step - STEPS - 1] ?? shades[Math.round((step * (shades.length - 1)) / STEPS)]!;
  return [
    title,
    ...summary,
    "",
    ...steps.map((row) => row.map(letterOf).join("").trimEnd()),
    "",
    ...(labels.length > 0 ? [`${shades} ${labels.filter(Boolean).join(" … ")}`] : []),
    ...strange.map(({ step, says }) => `${letterOf(step)} ${says}`),
  ].join("\n");
}
