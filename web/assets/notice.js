// Short messages that come and go by themselves, also spoken by screen readers. Bad news stays
// until it is dismissed.

import {element, find, icon} from './dom.js';

const shownMs = 5000;
const atOnceMax = 3;

export function notice(text, {bad = false} = {}) {
  const tray = find('#notices');
  const close = element('button', {type: 'button', class: 'icon-button', 'aria-label': 'Dismiss'});
  close.append(icon('close'));
  const card = element(
      'div', {class: bad ? 'notice bad' : 'notice'}, element('p', {}, text), close);
  close.addEventListener('click', () => card.remove());
  tray.append(card);
  while (tray.children.length > atOnceMax) tray.firstElementChild.remove();
  if (!bad) setTimeout(() => card.remove(), shownMs);
}
