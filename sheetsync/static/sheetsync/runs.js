"use strict";

// Runs tell how they get on while somebody looks: asks the server every few seconds, fills the places that are marked
// by data-run and data-live, and stops when all of them are over. Without it the pages show what was when they loaded.
(() => {
  const SLOWEST = 60; // seconds between two questions to a server that does not answer
  const QUARTERS = 4; // how often a reader of the screen is told how far a run is

  const place = document.getElementById("sheetsync-live");
  if (!place) return;
  const [notice, said] = place.children;
  const inList = document.getElementById("changelist") !== null;
  let waiting = 2;
  let timer = 0;
  let answered = new Date();

  const page = () => document.getElementById("sheetsync-run");
  const active = () => {
    const marked = inList ? document.querySelectorAll("[data-run][data-live]") : document.querySelectorAll("#sheetsync-run[data-active]");
    return new Set([...marked].map((each) => each.dataset.run));
  };
  const placesOf = (run) =>
    inList ? document.querySelectorAll(`[data-run="${run.id}"][data-live]`) : page().querySelectorAll("[data-live]");

  const fill = (element, run) => {
    const name = element.dataset.live;
    if (name === "bar") return fillBar(element, run);
    if (name === "batches") return fillBatches(element, run.batches);
    if (name === "badge") return fillBadge(element, run.badge);
    if (run.texts[name] !== undefined && element.textContent !== run.texts[name]) element.textContent = run.texts[name];
  };

  const fillBar = (bar, run) => {
    if (run.bar) [bar.max, bar.value] = [run.bar[1], run.bar[0]];
    else bar.removeAttribute("value");
    bar.hidden = !run.bar && !run.at_work;
  };

  const fillBatches = (body, batches) => {
    if (!batches || body.dataset.shown === String(batches)) return; // what somebody is marking stays marked
    body.dataset.shown = String(batches);
    body.closest("details").hidden = batches.length === 0;
    body.replaceChildren(
      ...batches.map((cells) => {
        const line = document.createElement("tr");
        for (const cell of cells) line.insertCell().textContent = cell;
        return line;
      }),
    );
  };

  const fillBadge = (element, look) => {
    const badge = element.querySelector(".sheetsync-badge");
    badge.className = `sheetsync-badge ${look.kind}`;
    badge.firstElementChild.textContent = look.sign;
    badge.lastChild.textContent = ` ${look.word}`;
  };

  // Of each run its state, and every quarter of its way: more would be chatter.
  const lately = new Map();
  const say = (run) => {
    const quarter = run.bar ? Math.floor((QUARTERS * run.bar[0]) / run.bar[1]) : 0;
    const news = `${run.badge.word} ${quarter}`;
    if (lately.has(run.id) && lately.get(run.id) !== news) {
      said.textContent = `${run.name}: ${run.badge.word}, ${run.texts.progress}`;
    }
    lately.set(run.id, news);
  };

  const show = (runs) => {
    for (const run of runs) {
      placesOf(run).forEach((element) => fill(element, run));
      say(run);
      if (!inList || !run.over) continue;
      placesOf(run).forEach((element) => {
        if (element.dataset.live === "bar") element.remove();
        else delete element.dataset.live;
      });
    }
  };

  // More has happened than figures tell: another attempt, an end. The page is asked for again, and what is open stays so.
  const renew = async () => {
    const response = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(String(response.status));
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const story = fresh.getElementById("sheetsync-run");
    if (!story) throw new Error("no run");
    const focused = document.activeElement?.id;
    page().querySelectorAll("details[id]").forEach((each) => fresh.getElementById(each.id)?.toggleAttribute("open", each.open));
    page().replaceWith(document.adoptNode(story));
    const [old, tools] = [document, fresh].map((each) => each.querySelector(".object-tools"));
    if (old && tools) old.replaceWith(document.adoptNode(tools));
    if (focused) document.getElementById(focused)?.focus();
  };

  const close = () => {
    notice.textContent = place.dataset.closed;
    notice.hidden = false;
  };

  const ask = async () => {
    const ids = active();
    if (ids.size === 0) return;
    try {
      const query = new URLSearchParams([...ids].map((id) => ["id", id]));
      if (!inList) query.set("batches", "1");
      const response = await fetch(`${place.dataset.url}?${query}`, { redirect: "manual", headers: { Accept: "application/json" } });
      if (response.type === "opaqueredirect" || response.status === 403) return close();
      if (!response.ok) throw new Error(String(response.status));
      const told = await response.json();
      show(told.runs);
      forget(ids, told.runs);
      if (!inList && told.runs.length && told.runs[0].step !== page().dataset.step) await renew();
      answered = new Date();
      notice.hidden = true;
      waiting = told.again;
    } catch {
      waiting = Math.min(SLOWEST, waiting * 2);
      notice.textContent = place.dataset.silent.replace("%s", answered.toLocaleTimeString());
      notice.hidden = false;
    }
    later();
  };

  // Runs that are not there any more, or not for this person.
  const forget = (ids, runs) => {
    runs.forEach((run) => ids.delete(String(run.id)));
    if (ids.size && !inList) return close(), page().removeAttribute("data-active");
    ids.forEach((id) => document.querySelectorAll(`[data-run="${id}"]`).forEach((each) => delete each.dataset.live));
  };

  const later = () => {
    window.clearTimeout(timer);
    if (!document.hidden && active().size) timer = window.setTimeout(ask, waiting * 1000);
  };

  document.addEventListener("visibilitychange", () => {
    window.clearTimeout(timer);
    if (!document.hidden) ask();
  });
  later();
})();
