// Brings the live part of the page up to date, and copies texts. Everything else works without it.
"use strict";

const section = document.body.dataset.section;
const RETRY = 5000;
let source = null;
let retry = 0;
let isFetching = false;
let isStale = false;

function say(text) {
  const said = document.getElementById("said");
  said.textContent = "";
  // In a later frame, so that the same text is read again.
  requestAnimationFrame(() => { said.textContent = text; });
}

function online(is) {
  const note = document.getElementById("offline");
  note.hidden = is;
  note.textContent = is ? "" : document.body.dataset.offline;
}

/** Whether the person is marking text in the live part, which a swap would undo. */
function isMarking(live) {
  const marked = getSelection();
  return marked !== null && !marked.isCollapsed && live.contains(marked.anchorNode);
}

function swap(id, page) {
  const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
  if (!old || !fresh || old.innerHTML === fresh.innerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const top = scrollY;
  old.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  scrollTo({ top, behavior: "instant" });
}

async function update() {
  const live = document.getElementById("live");
  if (isFetching || isMarking(live)) {
    isStale = true;
    return;
  }
  isFetching = true;
  isStale = false;
  try {
    const address = new URL(location.href);
    address.hash = "";
    address.searchParams.delete("done");
    // A page after a refused form has the address of the form, where a visit is the same page.
    const response = await fetch(address, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    ["live", "summary"].forEach((id) => swap(id, page));
    showCopyButtons();
    online(true);
  } catch {
    online(false);
  } finally {
    isFetching = false;
  }
}

function watch() {
  clearTimeout(retry);
  if (source || document.hidden) return;
  source = new EventSource(`/console/events?section=${section}`);
  source.addEventListener("open", () => online(true));
  source.addEventListener("change", update);
  source.addEventListener("error", () => {
    // Whether the connection broke, ended in order or was refused: another one begins a little later.
    stop();
    fetch("/console/assets/icon.svg").then(() => online(true), () => online(false));
    retry = setTimeout(watch, RETRY);
  });
}

function stop() {
  source?.close();
  source = null;
}

// A hidden tab gives its connection back: browsers allow only a few for each server.
document.addEventListener("visibilitychange", () => (document.hidden ? stop() : watch()));
document.addEventListener("selectionchange", () => { if (isStale && getSelection().isCollapsed) update(); });
addEventListener("pagehide", stop);
addEventListener("pageshow", watch);

function showCopyButtons() {
  document.querySelectorAll("button.copy[hidden]").forEach((button) => { button.hidden = false; });
}

async function copy(from) {
  try {
    await navigator.clipboard.writeText(from.textContent);
  } catch {
    // Without a secure context there is no clipboard for scripts: the text is marked instead.
    getSelection().selectAllChildren(from);
    document.execCommand("copy");
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  await copy(document.getElementById(button.dataset.copy));
  const { copied } = document.body.dataset;
  const usual = button.dataset.usual ?? button.textContent;
  button.dataset.usual = usual;
  button.textContent = copied;
  say(copied);
  setTimeout(() => { button.textContent = usual; }, 1500);
});

showCopyButtons();
