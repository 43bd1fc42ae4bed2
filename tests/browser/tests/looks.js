// What is wrong with how a page looks: too wide, small targets, faint texts, broken words. Loaded by the tests.

/** The red, green, blue and opacity of a computed colour. */
function channels(colour) {
  const found = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(colour);
  if (!found) throw new Error(`unknown colour ${colour}`);
  const [, red, green, blue, opacity = "1"] = found;
  return [red, green, blue, opacity].map(Number);
}

function over([red, green, blue, opacity], below) {
  return [red, green, blue].map((value, at) => value * opacity + below[at] * (1 - opacity));
}

/** The colour behind an element's text. */
function ground(element) {
  if (!element) return [255, 255, 255];
  const own = channels(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
}

/** As WCAG defines it. */
function luminance(colour) {
  const linear = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function contrast(element, pseudo) {
  const below = ground(element);
  const text = over(channels(getComputedStyle(element, pseudo).color), below);
  const [dark, light] = [luminance(below), luminance(text)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Whether a person sees it: not within what only a screen reader reads. */
function isSeen(element) {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  for (let each = element; each; each = each.parentElement) {
    const { width, height } = each.getBoundingClientRect();
    if (getComputedStyle(each).clipPath !== "none" && width <= 1 && height <= 1) return false;
  }
  return true;
}

function named(element) {
  const text = (element.innerText || element.value || "").trim().slice(0, 40);
  return `${element.tagName.toLowerCase()}${element.id && `#${element.id}`} ${JSON.stringify(text)}`;
}

function faint() {
  const found = [];
  const look = (element, pseudo) => {
    const ratio = contrast(element, pseudo);
    if (ratio < 4.5) found.push(`${named(element)}${pseudo ?? ""}: ${ratio.toFixed(2)}`);
  };
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !isSeen(element)) continue;
    texts += 1;
    look(element);
  }
  document.querySelectorAll("input:not([type=hidden], [type=checkbox]), select").forEach((each) => look(each));
  document.querySelectorAll("td").forEach((cell) => {
    const { content, display } = getComputedStyle(cell, "::before");
    if (isSeen(cell) && content !== "none" && display !== "none") look(cell, "::before");
  });
  return { texts, found };
}

/** Links within a text are as high as its lines; a checkbox is as high as its label, which is pressed as well. */
function isLargeEnough(element) {
  const heightOf = (each) => Math.round(each.getBoundingClientRect().height * 10) / 10;
  if (heightOf(element) >= 44) return true;
  if (element.type === "checkbox") return [...element.labels].some((label) => heightOf(label) >= 44);
  const isText = (each) => each !== element && each.nodeName !== "A" && each.textContent.trim().length > 3;
  const isWithinText = [...element.parentElement.childNodes].some(isText);
  return getComputedStyle(element).display === "inline" && isWithinText;
}

function small() {
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")];
  return all.filter(isSeen).filter((each) => !isLargeEnough(each)).map((each) => {
    const { width, height } = each.getBoundingClientRect();
    return `${named(each)}: ${Math.round(width)} x ${Math.round(height)}`;
  });
}

/** The outermost elements that reach beyond the page. */
function wide() {
  const limit = document.documentElement.clientWidth + 1;
  const isWide = (each) => each.getBoundingClientRect().right > limit;
  const scrolls = (each) => each.closest("pre") && each.tagName !== "PRE";
  const all = [...document.body.querySelectorAll("*")].filter((each) => isWide(each) && !scrolls(each));
  return all.filter((each) => isSeen(each) && !isWide(each.parentElement)).map(named);
}

/** Words that go on in another line: not those of codes, routes and names of events, which are too long for one. */
function broken() {
  const found = [];
  const range = document.createRange();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("code, pre, .path, option") || !isSeen(node.parentElement)) continue;
    for (const { 0: word, index } of node.data.matchAll(/(?<![\p{L}\p{N}_])[\p{L}\p{N}]{2,}(?![\p{L}\p{N}_])/gu)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
      if (lines.size > 1) found.push(`${word} in ${named(node.parentElement)}`);
    }
  }
  return found;
}

/** What reaches beyond its cell of a table. */
function spilt() {
  const found = [];
  document.querySelectorAll("td > div").forEach((cell) => {
    const limit = cell.getBoundingClientRect().right + 1;
    const inner = [...cell.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > limit);
    found.push(...inner.filter(isSeen).map(named));
  });
  return found;
}

function looks() {
  const { texts, found } = faint();
  const { scrollWidth } = document.scrollingElement;
  return { scrollWidth, texts, faint: found, small: small(), wide: wide(), broken: broken(), spilt: spilt() };
}

return looks();
