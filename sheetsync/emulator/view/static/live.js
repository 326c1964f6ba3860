// The data: asks for changes every POLL ms, hands them to the drawing, and tells how things stand.

import { glow } from "./cells.js";
import { $, base, grid, make } from "./dom.js";
import { draw } from "./draw.js";
import { BEGINNING, data, gid, isCovered, lines, receive, want, windowAround } from "./sheet.js";

const POLL = 700, POLL_HIDDEN = 5000;
let busy = false, again = false, timer = 0, asked = BEGINNING, tag = "", tagOf = "";
let firstWrites = null, changedAt = 0;

/** Looks for news now, or as soon as the look that is under way is over. */
export async function load() {
  if (busy) return void (again = true);
  [busy, again] = [true, false];
  clearTimeout(timer);
  if (data && String(data.gid) === gid && !isCovered()) asked = windowAround();
  try {
    await ask(new URLSearchParams({ gid, ...asked }).toString());
  } catch {
    tell("lost", "no answer, trying again");
  }
  busy = false;
  if (again) load();
  else timer = setTimeout(load, document.hidden ? POLL_HIDDEN : POLL);
}

async function ask(query) {
  const wanted = gid, headers = tagOf === query ? { "If-None-Match": tag } : {};
  const reply = await fetch(`${base}/rows?${query}`, { cache: "no-store", headers });
  if (reply.status === 404) return tell("lost", "this spreadsheet is gone");
  if (reply.status === 200) {
    const news = await reply.json();
    [tag, tagOf] = [reply.headers.get("ETag"), query];
    if (wanted === gid) take(news);
  } else if (reply.status !== 304) throw new Error(`status ${reply.status}`);
  tell("live");
}

function take(news) {
  const before = data, old = lines;
  receive(news);
  firstWrites ??= news.writes;
  changedAt = performance.now() - news.changed * 1000;
  glow(before, old);
  frame();
  draw(true);
  if (before && before.writes !== news.writes) beat();
  grid.dispatchEvent(new Event("news"));
}

// -- what is around the grid

const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

function frame() {
  document.title = data.title;
  $("title").textContent = data.title;
  $("size").textContent = `${count(data.rows, "row")} × ${count(data.columns, "column")}`;
  grid.dir = data.rightToLeft ? "rtl" : "ltr";
  grid.ariaRowCount = data.rows;
  grid.ariaColCount = data.columns;
  $("tabs").replaceChildren(...data.tabs.map(tabElement));
}

function tabElement(tab) {
  const link = make("a", tab.hidden ? "away" : "", tab.title);
  link.href = `?gid=${tab.id}`;
  link.dir = "auto";
  if (tab.hidden) link.title = "This tab is hidden";
  if (tab.id === data.gid) link.ariaCurrent = "page";
  if (tab.color) link.style.borderBottomColor = tab.color;
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    openTab();
  });
  return link;
}

/** The tab that the address names, as Google's addresses do: ?gid= or #gid=. */
export function openTab() {
  want(new URLSearchParams(location.search).get("gid") ?? /gid=(\d+)/.exec(location.hash)?.[1] ?? "");
  asked = BEGINNING;
  grid.scrollTo(0, 0);
  load();
}

function tell(state, words) {
  const seen = data ? data.writes - firstWrites : 0;
  const parts = [state === "live" ? "Live" : "Lost", words, seen > 0 && `${count(seen, "write")} seen`];
  if (data) parts.push(`changed ${ago((performance.now() - changedAt) / 1000)}`);
  const text = parts.filter(Boolean).join(" · ");
  $("live").dataset.state = state;
  // Written only when it differs: readers of screens say every change aloud.
  if ($("live").lastChild.textContent !== text) $("live").lastChild.textContent = text;
}

function ago(seconds) {
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"], [5, "s"]]) {
    if (seconds >= size) return `${Math.floor(seconds / (unit === "s" ? 1 : size))} ${unit} ago`;
  }
  return "just now";
}

function beat() {
  $("live").classList.remove("beat");
  void $("live").offsetWidth; // lets the animation begin anew
  $("live").classList.add("beat");
}
