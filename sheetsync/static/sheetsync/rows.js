"use strict";

/* Rows of inputs: added, removed. Without this script a few empty rows are there, and an emptied row is none. */
{
  const ROWS = ".sheetsync-rows, .sheetsync-columns";
  const list = (group) => group.querySelector("ol");
  const rows = (group) => [...list(group).children];
  const typed = (row) => [...row.querySelectorAll("input[type=text], textarea")].some((each) => each.value.trim());

  const numbered = (group, row) => {
    const total = group.querySelector("input[name$='-TOTAL_FORMS']");
    const next = total ? Number(total.value) : Number(group.dataset.next || rows(group).length);
    const place = total ? "__prefix__" : "__row__";
    for (const each of row.querySelectorAll("[id], [name], [for], [aria-describedby]")) {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        if (each.hasAttribute(name)) each.setAttribute(name, each.getAttribute(name).replace(place, next));
      }
    }
    if (total) total.value = next + 1;
    else group.dataset.next = next + 1;
  };

  const grown = (area) => {
    const operator = area.closest(".sheetsync-row").querySelector(".operator select, .kind select");
    const several = operator && ["in", "not_in", "list"].includes(operator.value);
    area.rows = several ? Math.min(8, Math.max(3, area.value.split("\n").length + 1)) : Math.min(4, area.value.split("\n").length);
    area.closest(".cell").hidden = Boolean(operator) && ["exists", "missing", "nothing"].includes(operator.value);
    area.inputMode = operator && operator.value === "within_days" ? "numeric" : "";
  };

  const prepared = (row) => {
    for (const button of row.querySelectorAll("[data-act]")) button.hidden = false;
    for (const area of row.querySelectorAll("textarea")) grown(area);
  };

  const add = (group) => {
    const spare = rows(group).find((row) => !typed(row) && !row.querySelector(".sheetsync-delete"));
    const row = spare || list(group).appendChild(group.querySelector("template").content.cloneNode(true).firstElementChild);
    if (!spare) numbered(group, row);
    for (const each of row.querySelectorAll(".errorlist")) each.remove();
    row.classList.remove("errors");
    row.hidden = false;
    list(group).append(row);
    prepared(row);
    group.dispatchEvent(new CustomEvent("sheetsync:changed", { bubbles: true }));
    return row;
  };

  /* One that is stored is ticked to be deleted, a new one emptied; either is out of sight. */
  const remove = (group, row) => {
    const shown = rows(group).filter((each) => !each.hidden);
    const next = shown[shown.indexOf(row) + 1] || shown[shown.indexOf(row) - 1];
    const tick = row.querySelector(".sheetsync-delete input");
    if (tick) tick.checked = true;
    else for (const each of row.querySelectorAll("input[type=text], textarea")) each.value = "";
    row.hidden = true;
    const focus = next ? next.querySelector("input[type=text]:not([hidden]), button") : group.querySelector("[data-act=add]");
    if (focus) focus.focus();
    group.dispatchEvent(new CustomEvent("sheetsync:changed", { bubbles: true }));
  };

  for (const group of document.querySelectorAll(ROWS)) {
    for (const each of group.querySelectorAll(".sheetsync-add")) each.hidden = false;
    rows(group).forEach((row, number) => {
      prepared(row);
      /* Of the empty rows for browsers without scripts one is enough. */
      if (!typed(row) && !row.querySelector(".errorlist") && number > 0 && !row.querySelector(".sheetsync-delete")) row.hidden = true;
    });
    group.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (!button) return;
      if (button.dataset.act === "add") add(group).querySelector("input[type=text]:not([name$=position])").focus();
      if (button.dataset.act === "remove") remove(group, button.closest(".sheetsync-row"));
    });
    group.addEventListener("input", () => group.querySelectorAll("ol textarea").forEach(grown));
    group.addEventListener("change", () => group.querySelectorAll("ol textarea").forEach(grown));
    group.addEventListener("sheetsync:add", (event) => event.detail(add(group)));
  }
}
