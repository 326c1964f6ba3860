"use strict";

/* The page of an automation: columns are moved, and what is typed is looked at while it is typed. */
{
  const form = document.getElementById("automation_form");
  const words = (document.getElementById("sheetsync-words") || { dataset: {} }).dataset;
  const say = (text) => { document.getElementById("sheetsync-said").textContent = text; };
  const field = (name) => form.elements[name];
  const settled = (seconds, act) => {
    let timer = 0;
    return () => { clearTimeout(timer); timer = setTimeout(act, seconds * 1000); };
  };

  /* Columns: their order on the page is their order in the tab. The numbers are for browsers without scripts. */
  const group = document.querySelector(".sheetsync-columns");
  const list = group && group.querySelector("ol");
  const part = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const used = (row) => ["header", "path", "template"].some((name) => part(row, name).value.trim()) || row.querySelector(".sheetsync-delete");
  const number = () => [...list.children].filter(used).forEach((row, at) => { part(row, "position").value = at + 1; });
  const moved = (row) => {
    number();
    const shown = [...list.children].filter((each) => !each.hidden);
    say(`${words.moved} ${shown.indexOf(row) + 1}`);
    form.dispatchEvent(new CustomEvent("sheetsync:changed"));
  };
  const beside = (row, way) => {
    let next = row;
    do { next = next[way]; } while (next && next.hidden);
    return next;
  };
  const step = (row, button) => {
    const up = button.dataset.act === "up";
    const next = beside(row, up ? "previousElementSibling" : "nextElementSibling");
    if (!next) return;
    next[up ? "before" : "after"](row);
    button.focus();
    moved(row);
  };
  const draggable = () => {
    let held = null;
    list.addEventListener("pointerdown", (event) => {
      if (event.target.closest(".sheetsync-handle")) event.target.closest(".sheetsync-row").draggable = true;
    });
    list.addEventListener("dragstart", (event) => {
      held = event.target.closest(".sheetsync-row");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      held.classList.add("held");
    });
    list.addEventListener("dragover", (event) => {
      const over = event.target.closest(".sheetsync-row");
      if (!held || !over) return;
      event.preventDefault();
      const box = over.getBoundingClientRect();
      if (over !== held) over[event.clientY < box.top + box.height / 2 ? "before" : "after"](held);
    });
    list.addEventListener("drop", (event) => event.preventDefault());
    list.addEventListener("dragend", () => {
      if (!held) return;
      held.classList.remove("held");
      held.draggable = false;
      moved(held);
      held = null;
    });
  };
  const add = (header, path, type) => {
    group.dispatchEvent(new CustomEvent("sheetsync:add", { detail: (row) => {
      part(row, "header").value = header;
      part(row, "path").value = path;
      if (type) part(row, "type").value = type;
    } }));
    number();
  };
  if (list) {
    const place = (row) => Number(part(row, "position").value || 32000);
    [...list.children].sort((one, other) => place(one) - place(other)).forEach((row) => list.append(row));
    group.classList.add("moving");
    for (const handle of group.querySelectorAll(".sheetsync-handle")) handle.hidden = false;
    group.addEventListener("sheetsync:changed", () => {
      for (const handle of list.querySelectorAll(".sheetsync-handle")) handle.hidden = false;
      form.dispatchEvent(new CustomEvent("sheetsync:changed"));
    });
    group.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act=up], [data-act=down]");
      if (button) step(button.closest(".sheetsync-row"), button);
    });
    draggable();
    form.addEventListener("submit", number);
  }

  /* Looks: the form as it stands is sent, and the answer is put into the page. The last question counts. */
  const looks = {};
  const look = async (what) => {
    const answer = document.getElementById(`sheetsync-${what}`);
    if (!answer) return false;
    if (list) number();
    if (looks[what]) looks[what].abort();
    const mine = looks[what] = new AbortController();
    answer.setAttribute("aria-busy", "true");
    if (!answer.childElementCount && what !== "schedule") answer.textContent = words.looking;
    try {
      const reply = await fetch(answer.dataset.url, {
        method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" }, signal: mine.signal, redirect: "error",
      });
      if (!reply.ok) throw new Error(reply.status);
      answer.innerHTML = await reply.text();
      shown(answer);
    } catch (error) {
      if (mine.signal.aborted) return false;
      answer.textContent = words.lost;
      answer.removeAttribute("aria-busy");
      return false;
    }
    answer.removeAttribute("aria-busy");
    return !answer.querySelector("[data-failed]");
  };
  const shown = (answer) => {
    for (const each of answer.querySelectorAll(".sheetsync-use, .sheetsync-usual")) each.hidden = false;
    const paths = [...answer.querySelectorAll("[data-act=use]")];
    if (paths.length) {
      document.getElementById("sheetsync-paths").replaceChildren(...paths.map((each) => {
        const example = each.closest("tr").children[1].textContent;
        return Object.assign(document.createElement("option"), { value: each.dataset.path, label: example });
      }));
    }
    const meant = answer.querySelector("[data-meant]");
    if (meant && field("tab_title").value === field("tab_title").defaultValue) {
      field("tab_title").value = meant.dataset.title;
      say(`${words.taken} ${meant.dataset.title}`);
    }
  };

  if (form && document.querySelector("[data-live]")) {
    let following = false;
    const follow = async () => { following = await look("preview"); };
    const again = settled(1.2, () => { if (following && !document.hidden) follow(); });
    const times = settled(0.4, () => look("schedule"));
    for (const button of document.querySelectorAll("[data-live]")) {
      button.type = "button";
      button.addEventListener("click", () => { if (button.dataset.live === "preview") follow(); else look(button.dataset.live); });
    }
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (!button) return;
      if (button.dataset.act === "use") add(headerOf(button.dataset.path), button.dataset.path, "");
      if (button.dataset.act === "usual") {
        for (const each of button.dataset.columns.split(";")) add(...each.split("&").map(decodeURIComponent));
      }
      if (button.dataset.act === "tab") {
        field("tab_title").value = button.dataset.title;
        say(button.getAttribute("aria-label"));
        look("destination");
      }
    });
    const headerOf = (path) => {
      const name = path.replace(/^@/, "").replace(/\[[^\]]*\]/g, "").split(".").pop().replace(/_/g, " ").trim() || path;
      return name.charAt(0).toUpperCase() + name.slice(1);
    };
    const SCHEDULE = ["cron", "time_zone", "schedule_enabled", "tenant"];
    const changed = (event) => {
      if (!event.target.name || SCHEDULE.includes(event.target.name)) times();
      if (!SCHEDULE.slice(0, 1).includes(event.target.name)) again();
    };
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    form.addEventListener("sheetsync:changed", again);
    if (field("cron").value && document.querySelector(".errornote")) times();
  }
}
