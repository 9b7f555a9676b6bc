"use strict";
(() => {
  const root = document.documentElement, get = (id) => document.getElementById(id);
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));

  // Theme: automatic, light or dark; remembered where the browser allows it.
  const theme = get("Theme"), themes = ["auto", "light", "dark"];
  const show = (name) => {
    if (name === "auto") root.removeAttribute("data-theme"); else root.dataset.theme = name;
    theme.textContent = "Theme: " + name;
  };
  let current = "auto";
  try { current = localStorage.getItem("actcheck-theme") || "auto"; } catch (error) { /* no storage for files */ }
  show(themes.includes(current) ? current : "auto");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme || "auto") + 1) % 3];
    show(next);
    try { localStorage.setItem("actcheck-theme", next); } catch (error) { /* no storage for files */ }
  });

  // A link opens what it leads to.
  const reveal = () => {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch (error) { return; }
    const target = name && get(name);
    if (!target) return;
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
    if (target.hasAttribute("tabindex")) target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Every command can be copied.
  const copy = async (code, button) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch (error) {
      const range = document.createRange();
      range.selectNodeContents(code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    button.textContent = "copied";
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  };
  for (const code of all("code.run")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "copy";
    button.setAttribute("aria-label", "Copy the command");
    button.addEventListener("click", () => copy(code, button));
    code.after(button);
  }

  // What does not scroll need not be a stop of the Tab key.
  const scrollers = all(".scroll,.formula");
  const stops = () => {
    for (const box of scrollers) {
      if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  new ResizeObserver(stops).observe(document.body);

  // The matrix: filtered by backend, format and outcome, sorted by family or by issues.
  const form = get("Controls"), table = document.querySelector(".matrix table");
  if (!form || !table) return;
  form.hidden = false;
  const heads = all("thead tr:nth-child(2) th", table), groups = all("thead .of", table);
  const bodies = all("tbody", table), rows = all("tr[data-a]", table);
  const places = bodies.map((body) => [body, Array.from(body.rows)]);
  const flat = document.createElement("tbody");
  const chosen = (name) => new Set(all("input[name=" + name + "]:checked", form).map((input) => input.value));
  const cells = (row) => Array.from(row.cells).slice(1);
  const issues = (row, shown) => cells(row).reduce((sum, cell, column) => {
    if (!shown[column] || !cell.dataset.n) return sum;
    const [failed, broken, known] = cell.dataset.n.split(" ").map(Number);
    return sum + failed * 1e8 + broken * 1e4 + known;
  }, 0);

  const apply = () => {
    const backends = chosen("backend"), formats = chosen("format"), outcomes = chosen("outcome");
    const every = all("input[name=outcome]", form).length === outcomes.size;
    const shown = heads.map((head) => backends.has(head.dataset.b) && formats.has(head.dataset.f));
    heads.forEach((head, column) => head.classList.toggle("off", !shown[column]));
    for (const group of groups) {
      const width = heads.filter((head, column) => shown[column] && head.dataset.b === group.dataset.b).length;
      group.classList.toggle("off", !width);
      group.colSpan = width || 1;
    }
    let visible = 0;
    for (const row of rows) {
      let any = false;
      cells(row).forEach((cell, column) => {
        const held = (cell.dataset.o || "").split(" ").some((outcome) => outcomes.has(outcome));
        cell.classList.toggle("off", !shown[column]);
        cell.classList.toggle("dim", !held);
        any = any || (shown[column] && (held || every));
      });
      row.classList.toggle("off", !any);
      visible += any;
    }
    const byIssues = form.elements.sort.value === "issues";
    flat.remove();
    for (const [body, own] of places) body.append(...own);
    if (byIssues) {
      const weight = new Map(rows.map((row) => [row, issues(row, shown)]));
      flat.append(...rows.slice().sort((a, b) => weight.get(b) - weight.get(a)));
      table.append(flat);
    }
    for (const [body] of places) {
      body.classList.toggle("off", byIssues || !all("tr[data-a]:not(.off)", body).length);
    }
    get("Status").textContent = visible + " of " + rows.length + " activations, " +
      shown.filter(Boolean).length + " of " + shown.length + " columns";
    rove();
  };

  // One stop of the Tab key for all cells; the arrow keys walk among them.
  const links = () => rows.length ? all("tr[data-a]:not(.off)", table).map((row) =>
    all("th:not(.off)>a,td:not(.off)>a", row)) : [];
  let here = null;
  const rove = () => {
    const grid = links().flat();
    for (const link of all("tbody a", table)) link.tabIndex = -1;
    if (!grid.includes(here)) here = grid[0] || null;
    if (here) here.tabIndex = 0;
  };
  const go = (link) => {
    if (!link) return;
    if (here) here.tabIndex = -1;
    here = link;
    here.tabIndex = 0;
    here.focus();
  };
  table.addEventListener("focusin", (event) => {
    if (event.target.closest("tbody a") && event.target !== here) go(event.target);
  });
  table.addEventListener("keydown", (event) => {
    const link = event.target.closest("tbody a");
    if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
    const grid = links(), row = grid.findIndex((line) => line.includes(link)), place = link.parentElement.cellIndex;
    const at = (index) => {
      const line = grid[Math.min(Math.max(index, 0), grid.length - 1)];
      return line.find((other) => other.parentElement.cellIndex >= place) || line[line.length - 1];
    };
    const line = grid[row], column = line.indexOf(link);
    const next = {
      ArrowRight: line[column + 1], ArrowLeft: line[column - 1], ArrowDown: at(row + 1), ArrowUp: at(row - 1),
      Home: line[0], End: line[line.length - 1],
    };
    if (!(event.key in next)) return;
    event.preventDefault();
    go(next[event.key]);
  });

  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  get("Reset").addEventListener("click", () => { form.reset(); apply(); });
  apply();
})();
