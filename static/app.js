// Enhances pages that work without it: questions and forms open in a dialog, a switch changes its
// row in place, filters apply at once, tokens are copied with a click, "2 minutes ago" stays true.
// Every answer is the page that a person without script would see; nothing is decided here.
(() => {
  "use strict";

  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // --- Pages fetched instead of followed -------------------------------------------------------

  async function load(url, options = {}) {
    const response = await fetch(url, { credentials: "same-origin", ...options });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return { page, url: response.url, isChange: options.method === "POST" };
  }

  // A page with a sheet opens in a dialog, unless this page is one itself. Another page of the same
  // frame takes the place of this one's content. Anything else (signed out, say) is visited.
  function show({ page, url, isChange }) {
    const sheet = $("[data-sheet]", page);
    const isOnSheet = $("main [data-sheet]") && !$("dialog");
    if (sheet && !isOnSheet) return openDialog(document.importNode(sheet, true));
    const main = $("main", page);
    if (page.body.className !== document.body.className || !main) {
      // What was typed stays, and so does the page that it was typed into.
      return isChange || $("[data-error]", page) ? tell(page, url) : location.assign(url);
    }
    closeDialog();
    swap(document.importNode(main, true));
    document.title = page.title;
    const to = clean(new URL(url));
    // Another page or another view is a step that Back undoes; the same view after a change is not.
    const isStep = to.href !== clean(new URL(location.href)).href;
    const isElsewhere = to.pathname !== location.pathname;
    history[isStep ? "pushState" : "replaceState"](null, "", to);
    if (isElsewhere) scrollTo(0, 0);
  }

  // A message about a change is shown once, not again after a reload.
  function clean(url) {
    url.searchParams.delete("done");
    url.searchParams.delete("it");
    url.hash = "";
    return url;
  }

  function swap(main) {
    const focused = document.activeElement && document.activeElement.id;
    const isTyping = document.activeElement && document.activeElement.name === "q";
    $("main").replaceWith(main);
    enhance(main);
    const target =
      $("[aria-invalid=true]", main) ||
      (focused && document.getElementById(focused)) ||
      (isTyping && $("[name=q]", main));
    if (target) target.focus();
    else if (!document.activeElement || document.activeElement === document.body) main.focus({ preventScroll: true });
    const toast = $("[data-toast] p", main);
    $("#live").textContent = toast ? toast.textContent.trim() : "";
  }

  // A page outside of the frame, as a sentence on this one: why not, or where to sign in again.
  function tell(page, url) {
    const error = $("[data-error]", page);
    if (error) return notice(error.textContent);
    if (!$("#password", page)) return location.assign(url);
    const link = document.createElement("a");
    Object.assign(link, { href: new URL(url).pathname, target: "_blank", textContent: "Sign in in another tab" });
    notice("You are signed out. ", link, ", then send this again: nothing that you typed is lost.");
  }

  function failed(error) {
    notice("The server did not answer. Reload the page to see what holds now.");
    console.error(error);
  }

  function notice(...words) {
    const root = $("dialog[open] .sheet-body") || $("main");
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.append(...words);
    all(".notice[data-failed]").forEach((old) => old.remove());
    notice.dataset.failed = "";
    root.prepend(notice);
    notice.scrollIntoView({ block: "nearest" });
    $("#live").textContent = notice.textContent;
  }

  // --- Dialog -----------------------------------------------------------------------------------

  let opener = null;

  function openDialog(sheet) {
    let dialog = $("dialog");
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.setAttribute("aria-labelledby", "sheet-title");
      dialog.addEventListener("close", () => {
        dialog.remove();
        if (opener && opener.isConnected) opener.focus();
      });
      // A click on the backdrop lands on the dialog itself; a half-filled form is not lost to one.
      dialog.addEventListener("click", (event) => {
        if (event.target === dialog && !$("form.sheet", dialog)) dialog.close();
      });
      document.body.append(dialog);
    }
    dialog.replaceChildren(sheet);
    enhance(dialog);
    if (!dialog.open) dialog.showModal();
    const first = $("[aria-invalid=true]", dialog) || $("[autofocus]", dialog);
    if (first) first.focus();
  }

  function closeDialog() {
    const dialog = $("dialog");
    if (dialog) dialog.close();
  }

  // --- Clicks and forms -------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target.closest("a[href]");
    if (link && link.matches("[data-close]") && link.closest("dialog")) {
      event.preventDefault();
      closeDialog();
    } else if (link && link.matches("[data-dismiss]")) {
      event.preventDefault();
      link.closest("[data-toast]").remove();
    } else if (link && link.matches("[data-sheet-link]")) {
      event.preventDefault();
      const menu = link.closest("details.menu");
      opener = menu ? $("summary", menu) : link;
      if (menu) menu.open = false;
      load(link.href).then(show, () => location.assign(link.href));
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) copyText(copy);
    all("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest && event.target.closest("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    $("summary", menu).focus();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const isLive = form.matches("[data-live], [data-filters]") || form.closest("dialog") || form.matches("[data-sheet]");
    if (!isLive || event.defaultPrevented) return;
    event.preventDefault();
    send(form, event.submitter);
  });

  function send(form, submitter) {
    if (form.getAttribute("aria-busy") === "true") return;
    const fields = new URLSearchParams(new FormData(form, submitter));
    form.setAttribute("aria-busy", "true");
    if (submitter && !submitter.closest("dialog")) opener = submitter;
    const request =
      form.method === "get"
        ? load(withQuery(form.action, fields))
        : load(form.action, { method: "POST", body: fields });
    request.then(show).catch(failed).finally(() => form.removeAttribute("aria-busy"));
  }

  function withQuery(action, fields) {
    const url = new URL(action, location.href);
    for (const [name, value] of fields) if (value) url.searchParams.append(name, value);
    return url;
  }

  addEventListener("popstate", () => location.reload());

  // --- Copy -------------------------------------------------------------------------------------

  async function copyText(button) {
    const source = document.getElementById(button.dataset.copy);
    const isCopied = (await copyByApi(source.textContent)) || copyBySelection(source);
    const label = button.dataset.label || button.textContent;
    button.dataset.label = label;
    button.textContent = isCopied ? "Copied" : "Press Ctrl+C";
    $("#live").textContent = isCopied ? "Copied" : "Selected; press Ctrl+C to copy";
    setTimeout(() => (button.textContent = label), 2500);
  }

  // Only a secure context has a clipboard; keysrv on a plain-HTTP LAN address has none.
  async function copyByApi(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  }

  // Selecting the text where it stands works inside a dialog too, where a helper element outside
  // of it could not be focused; the selection stays, so that Ctrl+C works if the command fails.
  function copyBySelection(source) {
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    try {
      return document.execCommand("copy");
    } catch {
      return false;
    }
  }

  // --- Scopes -----------------------------------------------------------------------------------

  function scopes(section) {
    const presets = all("[name=preset]", section);
    const levels = (preset) =>
      new Map(preset.dataset.levels.split(" ").filter(Boolean).map((pair) => pair.split("=")));
    const rows = all("[data-resource]", section);
    const checked = (row) => $("input:checked", row);

    function setRows(preset) {
      const wanted = levels(preset);
      for (const row of rows) {
        const radio = all("input", row).find((input) => input.value === wanted.get(row.dataset.resource));
        if (radio) radio.checked = true;
      }
    }

    function matches(preset) {
      const wanted = levels(preset);
      return rows.every((row) => checked(row)?.value === wanted.get(row.dataset.resource));
    }

    function tell() {
      const preset = presets.find((preset) => preset.checked && matches(preset)) || presets.find(matches);
      for (const other of presets) other.checked = other === preset;
      $("[name=shown_preset]", section).value = preset ? preset.value : "";
      const n = rows.reduce((sum, row) => sum + Number(checked(row)?.dataset.n || 0), 0);
      const label = preset ? preset.dataset.label : "Custom";
      $("[data-summary]", section).textContent = `${label}: ${n} of ${section.dataset.total}`;
      for (const reason of all("[data-preset]", section)) {
        reason.hidden = !preset || reason.dataset.preset !== preset.value;
      }
    }

    section.addEventListener("change", (event) => {
      if (event.target.name === "preset") setRows(event.target);
      tell();
    });
  }

  // --- Selecting rows ---------------------------------------------------------------------------

  function selectAll(box) {
    const rows = () => all("tbody .c-check input", box.closest("table"));
    box.hidden = false;
    box.addEventListener("change", () => rows().forEach((row) => (row.checked = box.checked)));
    box.closest("table").addEventListener("change", () => {
      const n = rows().filter((row) => row.checked).length;
      box.checked = n > 0 && n === rows().length;
      box.indeterminate = n > 0 && !box.checked;
    });
  }

  // --- Times ------------------------------------------------------------------------------------

  const MINUTE = 60, HOUR = 3600, DAY = 86400;

  // The same steps as the server's words (`web::admin::when`).
  function relative(seconds) {
    const ago = Math.abs(seconds);
    const count = (unit, name) => {
      const n = Math.max(1, Math.floor(ago / unit));
      const words = `${n} ${name}${n === 1 ? "" : "s"}`;
      return seconds < 0 ? `${words} ago` : `in ${words}`;
    };
    if (ago < 45) return "just now";
    if (ago < HOUR) return count(MINUTE, "minute");
    if (ago < DAY) return count(HOUR, "hour");
    if (ago < 2 * DAY && seconds < 0) return "yesterday";
    if (ago < 14 * DAY) return count(DAY, "day");
    if (ago < 60 * DAY) return count(7 * DAY, "week");
    if (ago < 730 * DAY) return count(30 * DAY, "month");
    return count(365 * DAY, "year");
  }

  function renewTimes() {
    for (const time of all("time[data-relative]")) {
      time.textContent = relative((Date.parse(time.dateTime) - Date.now()) / 1000);
    }
  }
  setInterval(renewTimes, 30_000);

  // --- The first request of a new key -----------------------------------------------------------

  const FIRST_USE_LOOKS = 200;

  // Asks for a small piece of a page, for ten minutes at most and only while somebody looks.
  async function awaitFirstUse(place) {
    for (let look = 0; look < FIRST_USE_LOOKS && place.isConnected; look += 1) {
      await new Promise((done) => setTimeout(done, 3000));
      if (document.hidden || !place.isConnected) continue;
      const { page } = await load(place.dataset.firstUse);
      const told = $("[data-told]", page);
      if (!told || told.textContent === place.textContent) continue;
      place.replaceChildren(document.importNode(told, true));
      $("#live").textContent = place.textContent;
      if (told.dataset.told === "working") return;
    }
  }

  // --- Start ------------------------------------------------------------------------------------

  function enhance(root) {
    all("[data-copy]", root).forEach((button) => (button.hidden = false));
    all("[data-select-all]", root).forEach(selectAll);
    all("[data-scopes]", root).forEach(scopes);
    all("[data-first-use]", root).forEach((place) => awaitFirstUse(place).catch(() => {}));
    all("[data-filters] select", root).forEach((select) =>
      select.addEventListener("change", () => select.form.requestSubmit()),
    );
    // With script the button is not needed, and a parsed page keeps what stands in <noscript>.
    all("noscript", root).forEach((node) => node.remove());
  }

  const here = new URL(location.href);
  if (here.searchParams.has("done")) history.replaceState(null, "", clean(here));
  enhance(document);
})();
