// Data of the page, and the language in which it speaks.
// Both languages stand in the page; the style shows the one of <html lang>. Scripts add
// what style cannot do: attributes, the title, charts. The choice lives in the address
// (#/en/portfolio), so that a link carries it.
"use strict";
const Report = (() => {
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const listeners = [];
  let language = "zh";

  // A text is one string, or [Chinese, English]; without English it stays Chinese.
  const word = (text) =>
    typeof text === "string" ? text : (language === "en" && text[1]) || text[0];
  const isChinese = (text) => /[\u3400-\u9fff]/.test(text);

  // A text that is not there shows its key: one missing word must not stop the page.
  const say = (key, fields = {}) =>
    word(data.texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => fields[name]);

  // Make an element with text; Chinese words inside an English page are marked as such.
  const element = (tag, text = "", attributes = {}) => {
    const made = document.createElement(tag);
    made.textContent = word(text);
    if (language === "en" && isChinese(made.textContent)) made.lang = "zh-Hans";
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", `icon icon-${name}`);
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#i-${name}`);
    svg.append(use);
    return svg;
  };

  const place = () => {
    const parts = decodeURIComponent(location.hash.slice(1)).split("/").filter(Boolean);
    const spoken = parts.find((part) => part === "en" || part === "zh");
    return { language: spoken, section: parts.find((part) => part !== spoken) };
  };

  // Set the attributes of everything under a node: labels, and what a state means.
  const dress = (root) => {
    for (const node of root.querySelectorAll("[data-speaks]")) {
      for (const name of ["title", "aria-label", "label"]) {
        const said = node.getAttribute(`data-${language}-${name}`);
        if (said !== null) node.setAttribute(name, said);
        if (said !== null && name === "label") node.textContent = said;
      }
    }
    for (const node of root.querySelectorAll("[data-state]")) {
      node.title = say(`state.${node.dataset.state}.means`);
    }
  };

  const speak = (chosen) => {
    language = chosen;
    document.documentElement.lang = chosen === "en" ? "en" : "zh-Hans";
    document.title = document.querySelector("title").dataset[`${chosen}Title`];
    dress(document);
    for (const button of document.querySelectorAll("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === chosen));
    }
    for (const listener of listeners) listener(chosen);
  };

  const remember = (section) => {
    const parts = language === "en" ? ["", "en", section] : ["", section];
    history.replaceState(null, "", `#${parts.filter((p) => p !== undefined).join("/")}`);
  };

  return {
    data, word, say, element, icon, place, dress, speak, remember,
    get language() { return language; },
    onLanguage: (listener) => listeners.push(listener),
  };
})();
