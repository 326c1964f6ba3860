// The page of a spreadsheet: draws its grid, keeps it up to date, takes edits. No libraries, nothing to build.

import { grid } from "./dom.js";
import { draw } from "./draw.js";
import { load, openTab } from "./live.js";
import { data, isCovered, setPrinted } from "./sheet.js";
import "./edit.js";
import "./menu.js";

let asleep = false;

function redraw() {
  asleep = false;
  draw();
  if (data && !isCovered()) load();
}

grid.addEventListener("scroll", () => {
  if (!asleep) requestAnimationFrame(redraw);
  asleep = true;
});
addEventListener("resize", redraw);
addEventListener("popstate", openTab);
for (const [name, printed] of [["beforeprint", true], ["afterprint", false]]) {
  addEventListener(name, () => {
    setPrinted(printed);
    draw();
  });
}
document.addEventListener("visibilitychange", () => document.hidden || load());
grid.focus({ preventScroll: true });
openTab();
