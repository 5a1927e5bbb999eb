/* Our tokens, by value: the page of another site has none of ours, and the shadow root lets none of its own in. */

export const COLOURS: Record<string, [string, string]> = {
  lake: ["#0a6585", "#ffffff"],
  ink: ["#10242d", "#ffffff"],
  sun: ["#fcb61a", "#10242d"],
  moss: ["#2c7036", "#ffffff"],
};

export const STYLE = `
:host{all:initial;--sheet:#fff;--well:#f6f8f9;--ink:#10242d;--ink-2:#435861;--ink-3:#5b6e77;--line:#e3e9eb;--control:#788b94;--bad:#8f2418;color-scheme:light;
font:15px/21px Onest,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);position:fixed;right:20px;bottom:20px;z-index:2147483000}
@media(prefers-color-scheme:dark){:host(:not([data-theme=light])){--sheet:#0f1c23;--well:#14242c;--ink:#e8eff1;--ink-2:#b2c2c9;--ink-3:#92a5ae;--line:#22353f;--control:#6a808a;--bad:#ffb3a8;color-scheme:dark}}
:host([data-theme=dark]){--sheet:#0f1c23;--well:#14242c;--ink:#e8eff1;--ink-2:#b2c2c9;--ink-3:#92a5ae;--line:#22353f;--control:#6a808a;--bad:#ffb3a8;color-scheme:dark}
*{box-sizing:border-box;font:inherit;color:inherit}[hidden]{display:none!important}
button{border:0;background:none;cursor:pointer;padding:0}button:disabled{opacity:.5;cursor:default}
:focus-visible{outline:2px solid #177c9e;outline-offset:2px}
svg{width:24px;height:24px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;display:block}
.bubble{width:56px;height:56px;border-radius:28px;background:var(--c);color:var(--on);display:grid;place-items:center;box-shadow:0 2px 4px #0a171e14,0 18px 44px -8px #0a171e3d;position:relative}
.count{position:absolute;top:-2px;right:-2px;min-width:20px;height:20px;border-radius:10px;background:#c43828;color:#fff;font-size:12px;line-height:20px;text-align:center;padding:0 5px}
.panel{position:absolute;right:0;bottom:0;width:368px;height:min(560px,calc(100vh - 40px));background:var(--sheet);border:1px solid var(--line);border-radius:14px;display:flex;flex-direction:column;overflow:hidden;box-shadow:0 2px 4px #0a171e14,0 18px 44px -8px #0a171e3d}
.head{display:flex;align-items:center;gap:8px;padding:12px 8px 12px 16px;background:var(--c);color:var(--on)}
.head b{flex:1;font-weight:600;font-size:16px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.head button{width:40px;height:40px;display:grid;place-items:center;border-radius:8px}
.log{flex:1;overflow-y:auto;padding:16px;display:flex;flex-direction:column;gap:8px;overscroll-behavior:contain}
.m{max-width:85%;width:fit-content;padding:8px 12px;border-radius:12px 12px 12px 4px;background:var(--well);border:1px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere}
.m.me{align-self:flex-end;background:var(--c);color:var(--on);border-color:transparent;border-radius:12px 12px 4px 12px}
.m small{display:block;font-size:12px;line-height:16px;opacity:.8}
.say{display:flex;align-items:flex-end;gap:8px;padding:12px;border-top:1px solid var(--line)}
textarea,input[type=text],input[type=tel]{width:100%;border:1px solid var(--control);border-radius:8px;background:var(--sheet);padding:9px 12px;font-size:16px;resize:none}
.clip{flex:none;width:34px;height:42px;display:grid;place-items:center;cursor:pointer;color:var(--ink-2)}
.clip:focus-within{outline:2px solid #177c9e;border-radius:8px}.m a{display:block;color:inherit;font-size:14px}.m img{display:block;max-width:100%;max-height:200px;border-radius:6px;margin:2px 0}
.typing{font-size:12.5px;line-height:17px;color:var(--ink-2);padding:0 16px 8px}
.say button{flex:none;width:42px;height:42px;border-radius:8px;background:var(--c);color:var(--on);display:grid;place-items:center}
.who{display:grid;gap:10px;padding:16px;border-top:1px solid var(--line)}.who label{display:grid;gap:4px;font-size:13px;color:var(--ink-2)}
.who .check{display:flex;gap:8px;font-size:12.5px;line-height:17px;align-items:start}.check input{width:18px;height:18px;flex:none;margin:0;accent-color:var(--c)}
.go{background:var(--c);color:var(--on);border-radius:8px;padding:10px 16px;font-weight:600}
.bad{color:var(--bad);font-size:13px;line-height:17px;padding:0 16px 8px}.bad:empty{display:none}
.lost{background:var(--well);color:var(--ink-2);font-size:12.5px;line-height:17px;padding:8px 16px;border-bottom:1px solid var(--line)}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media(max-width:520px){:host([data-open]){inset:0}:host([data-open]) .panel{position:fixed;inset:0;width:auto;height:auto;border:0;border-radius:0}}
`;
