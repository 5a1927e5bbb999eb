/* FullCalendar writes its rules into a style element, which the page's policy forbids: it finds one that is no style for the
   browser and has a constructed sheet. The font of its icons, which nobody sees here, is left out. */
export function giveSheet(): void {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const place = document.createElementNS("urn:clientela", "style");
  place.setAttribute("data-fullcalendar", "");
  const insertRule = (rule: string, index: number): number =>
    sheet.insertRule(rule.startsWith("@font-face") ? "fc-font{}" : rule, index);
  Object.defineProperty(place, "sheet", { value: { cssRules: sheet.cssRules, insertRule } });
  document.head.append(place);
}
