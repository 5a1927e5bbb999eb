import htmx from "htmx.org";
import { startDialogs } from "./dialogs.ts";
import { startDrawer } from "./drawer.ts";
import { startFields } from "./fields.ts";
import { startHtmx } from "./htmx.ts";
import { startKeyboard } from "./keyboard.ts";
import { startLive } from "./live.ts";
import { startMenus } from "./menus.ts";
import { startPalette } from "./palette.ts";
import { startSelection } from "./selection.ts";
import { startState } from "./state.ts";
import { startTheme } from "./theme.ts";
import { startToasts } from "./toasts.ts";

Object.assign(window, { htmx });

startTheme();
startHtmx();
startToasts();
startDialogs();
startMenus();
startDrawer();
startSelection();
startPalette();
startKeyboard();
startFields();
startLive();
startState();
