// How the mood of a caller is shown. It is judged only while they are with the AI; nobody else is judged at all.

const ARROWS = { better: ["↗", "getting better"], worse: ["↘", "getting worse"], steady: ["→", "steady"] };
const TROUBLED = ["frustrated", "confused", "urgent"];
const SEVERE = 0.7;
const ATTENTION_FROM = 0.5;

const two = (value) => (typeof value === "number" ? value.toFixed(2) : "");
const signed = (value) => (typeof value === "number" ? `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}` : "");

export const isJudged = (state) => state !== "with_person" && state !== "ending";

export function moodText(mood, judged) {
  const [arrow] = ARROWS[mood.trend] ?? [""];
  const level = mood.level ? two(mood.level) : "";
  return [mood.words, level, judged ? arrow : ""].filter(Boolean).join(" ");
}

export function moodTone(mood) {
  if (TROUBLED.includes(mood.label)) return mood.level >= SEVERE ? "bad" : "warn";
  return mood.label === "satisfied" ? "good" : "";
}

export function moodDetail(call) {
  const { mood, emotion, state } = call;
  const course = (emotion ?? []).map((point) => point.label).filter((label, place, all) => label && label !== all[place - 1]).slice(-5).join(" → ");
  if (!mood) return course;
  const trend = isJudged(state) ? ARROWS[mood.trend]?.[1] : "not judged any more";
  return [`${moodText(mood, false)}, valence ${signed(mood.valence)}`, trend, `by ${mood.by}`, course].filter(Boolean).join(" · ");
}

export function rulingDetail(ruling) {
  if (!ruling) return "";
  const what = `${ruling.rule} ${ruling.done}${ruling.queue ? `, queue ${ruling.queue}` : ""}`;
  return `${what}${ruling.why ? `: ${ruling.why}` : ""}${ruling.shadow ? " (it only watches)" : ""}`;
}

export function needsAttention({ mood, flags, ruling, state }) {
  const troubled = isJudged(state) && TROUBLED.includes(mood?.label) && mood.level >= ATTENTION_FROM;
  return Boolean(troubled || flags?.length || (ruling && !ruling.shadow) || state === "waiting");
}
