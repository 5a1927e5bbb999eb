import { Calendar, type EventApi, type EventContentArg, type EventInput } from "@fullcalendar/core";
import russian from "@fullcalendar/core/locales/ru";
import dayGrid from "@fullcalendar/daygrid";
import interaction from "@fullcalendar/interaction";
import list from "@fullcalendar/list";
import timeGrid from "@fullcalendar/timegrid";
import type { Kit } from "./parts.ts";

const VIEWS: Record<string, string> = { day: "timeGridDay", week: "timeGridWeek", month: "dayGridMonth", agenda: "listWeek" };
const PHONE = matchMedia("(max-width: 767px)");
const STEP = 15 * 60000;

/* The grid counts in “UTC”, which here is the person's own clock: the server gives and takes wall-clock times. */
function wallClock(zone: string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  return `${parts.format(new Date()).replace(" ", "T")}Z`;
}

const wall = (moment: Date | null): string => moment?.toISOString().slice(0, 19) ?? "";
const isDay = (moment: Date): string => moment.toISOString().slice(0, 10);

export function startGrid(kit: Kit): void {
  const found = kit.find("[data-calendar]");
  if (!found) return;
  const place = found;
  const words = place.dataset;
  const language = document.documentElement.lang || "ru";
  let chosen = words.view ?? "week";

  const kinds = (): string[] => kit.all<HTMLInputElement>("[data-cal-kind]:checked").map((box) => box.dataset.calKind ?? "");

  async function read(since: Date, until: Date): Promise<EventInput[]> {
    const query = new URLSearchParams({ start: wall(since), end: wall(until) });
    for (const kind of kinds()) query.append("kind", kind);
    const answer = await fetch(`${words.events}?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()) as EventInput[];
  }

  const open = (url: string): void => void kit.htmx.ajax("get", url, { target: "#drawer", source: place });

  function create(start: Date, end: Date | null, allDay: boolean): void {
    const query = new URLSearchParams({ start: wall(start), end: wall(end), all_day: allDay ? "1" : "" });
    open(`${words.new}?${query}`);
  }

  async function move(event: EventApi): Promise<void> {
    const { move: url, only } = event.extendedProps as { move: string; only: string };
    const values = { start: wall(event.start), end: wall(event.end), all_day: event.allDay ? "1" : "", only };
    await kit.htmx.ajax("post", url, { values, swap: "none", source: place });
    calendar.refetchEvents();
  }

  /* What the server refuses never stands in the grid: it is read again after every move. */
  function content({ event, timeText, view }: EventContentArg): { domNodes: Node[] } {
    const { icon, detail } = event.extendedProps as { icon?: string; detail?: string };
    const title = document.createElement("b");
    if (icon) title.append(kit.icon(icon));
    if (view.type === "dayGridMonth" && !event.allDay) title.append(`${timeText} `);
    title.append(event.title);
    const nodes: Node[] = [title];
    const minutes = event.end && event.start ? (event.end.getTime() - event.start.getTime()) / 60000 : 60;
    if (!event.allDay && view.type !== "dayGridMonth" && (view.type === "listWeek" || minutes >= 45)) {
      const line = document.createElement("span");
      const at = view.type === "listWeek" ? "" : timeText.split(/\s*[–-]\s*/)[0] ?? "";
      line.textContent = [at, detail].filter(Boolean).join(" · ");
      if (line.textContent) nodes.push(line);
    }
    return { domNodes: nodes };
  }

  const calendar = new Calendar(place, {
    plugins: [dayGrid, timeGrid, list, interaction],
    locales: [russian],
    locale: language === "ru" ? "ru" : "en-gb",
    timeZone: "UTC",
    now: () => wallClock(words.zone ?? "UTC"),
    initialView: PHONE.matches ? "listWeek" : VIEWS[chosen] ?? "timeGridWeek",
    initialDate: words.day,
    headerToolbar: false,
    height: "100%",
    expandRows: false,
    firstDay: 1,
    nowIndicator: true,
    listDayFormat: { weekday: "long", day: "numeric", month: "long" },
    listDaySideFormat: false,
    scrollTime: "07:30:00",
    slotDuration: "00:30:00",
    snapDuration: "00:15:00",
    slotLabelInterval: "01:00:00",
    slotLabelFormat: { hour: "numeric", minute: "2-digit", hour12: false },
    eventTimeFormat: { hour: "numeric", minute: "2-digit", hour12: false },
    allDayText: words.allDay,
    noEventsText: words.none,
    moreLinkText: (count) => `+${count} ${words.more}`,
    dayMaxEvents: true,
    slotEventOverlap: false,
    navLinks: true,
    navLinkDayClick: (day) => show("timeGridDay", day),
    selectable: true,
    selectMirror: true,
    editable: true,
    eventInteractive: true,
    longPressDelay: 400,
    dayHeaderContent: ({ date, view, isToday, text }) => {
      if (view.type === "listWeek") return text;
      const name = document.createElement("span");
      name.className = "text-[12.5px] text-ink-3";
      name.textContent = date.toLocaleDateString(language, { weekday: "short", timeZone: "UTC" });
      if (view.type === "dayGridMonth") return { domNodes: [name] };
      const number = document.createElement("span");
      number.className = `num cal-number${isToday ? " is-today" : ""}`;
      number.textContent = String(date.getUTCDate());
      return { domNodes: [name, number] };
    },
    events: ({ start, end }, done, fail) => {
      read(start, end).then(done, (fault: Error) => {
        kit.showToast({ text: words.failed ?? "", kind: "bad" });
        fail(fault);
      });
    },
    eventContent: content,
    eventDidMount: ({ event, el }) => {
      el.dataset.event = event.id;
    },
    eventClick: ({ event, jsEvent }) => {
      jsEvent.preventDefault();
      const { url, page } = event.extendedProps as { url?: string; page?: string };
      if (page) location.assign(page);
      else if (url) open(url);
    },
    select: ({ start, end, allDay }) => {
      create(start, end, allDay);
      calendar.unselect();
    },
    eventDrop: ({ event }) => void move(event),
    eventResize: ({ event }) => void move(event),
    datesSet: ({ start, end, view }) => {
      const title = kit.find("#cal-title");
      if (title) title.textContent = titleOf(start, end, view.type);
      for (const button of kit.all("[data-cal-view]")) {
        button.setAttribute("aria-pressed", String(button.dataset.calView === view.type));
      }
      strip();
    },
    eventsSet: strip,
  });

  function titleOf(start: Date, end: Date, view: string): string {
    const last = new Date(end.getTime() - 1);
    const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
      new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options });
    if (view === "dayGridMonth") return format({ month: "long", year: "numeric" }).format(calendar.getDate());
    return format({ day: "numeric", month: "long" }).formatRange(start, last);
  }

  /* On phones: the week as one row of days, with a point for every event. */
  function strip(): void {
    const row = kit.find("#week-strip");
    if (!row || !PHONE.matches) return;
    const { activeStart } = calendar.view;
    const today = wallClock(words.zone ?? "UTC").slice(0, 10);
    row.replaceChildren(
      ...Array.from({ length: 7 }, (_none, index) => {
        const day = new Date(activeStart.getTime() + index * 86400000);
        const name = isDay(day);
        const button = document.createElement("button");
        button.type = "button";
        button.className = name === today ? "is-today" : "";
        button.dataset.calDay = name;
        const count = calendar.getEvents().filter((event) => event.start && isDay(event.start) === name).length;
        const week = document.createElement("span");
        week.textContent = day.toLocaleDateString(language, { weekday: "short", timeZone: "UTC" });
        const number = document.createElement("b");
        number.textContent = String(day.getUTCDate());
        const points = document.createElement("i");
        points.textContent = "•".repeat(Math.min(count, 4));
        points.ariaHidden = "true";
        button.append(week, number, points);
        return button;
      }),
    );
  }

  function show(view: string, day?: Date | string): void {
    chosen = Object.keys(VIEWS).find((name) => VIEWS[name] === view) ?? "week";
    kit.keepCookie("calendar", chosen);
    calendar.changeView(view, day);
  }

  kit.on("click", "[data-cal]", (button) => {
    if (button.dataset.cal === "prev") calendar.prev();
    else if (button.dataset.cal === "next") calendar.next();
    else calendar.today();
  });
  kit.on("click", "[data-cal-view]", (button) => show(button.dataset.calView ?? "timeGridWeek"));
  kit.on("click", "[data-cal-day]", (button) => {
    const day = button.dataset.calDay ?? "";
    const line = place.querySelector(`[data-date="${day}"]`);
    if (PHONE.matches && line) line.scrollIntoView({ block: "start" });
    else calendar.gotoDate(day);
  });
  kit.on("change", "[data-cal-kind]", () => calendar.refetchEvents());
  place.addEventListener("live", () => calendar.refetchEvents());
  document.body.addEventListener("calendar-changed", () => calendar.refetchEvents());
  PHONE.addEventListener("change", () => calendar.changeView(PHONE.matches ? "listWeek" : VIEWS[chosen] ?? "timeGridWeek"));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || kit.inField(event.target) || kit.openDrawer()) return;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.shiftKey && by) {
      const held = calendar.getEventById((event.target as HTMLElement).dataset?.event ?? "");
      if (!held?.startEditable && !(held && held.extendedProps.move)) return;
      if (!held || held.allDay) return;
      event.preventDefault();
      held.moveDates(by * STEP);
      void move(held);
    } else if (!event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      if (document.querySelector("dialog[open], .menu:popover-open")) return;
      if (event.key === "ArrowLeft") calendar.prev();
      else calendar.next();
    }
  });

  place.addEventListener("keydown", (event) => {
    const box = event.target as HTMLElement;
    if (event.key === "Enter" && box.dataset.event) box.click();
  });
  calendar.render();
}
