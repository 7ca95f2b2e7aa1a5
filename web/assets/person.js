// How people are shown. The API knows numbers only, so a person is "User 12" with a badge whose
// colour follows from the number.

import {element} from './dom.js';

const hues = 10;

export function nameOf(userId) {
  return `User ${userId}`;
}

// "User 12", "User 12 and User 15", "User 12, User 15 and 3 more".
export function namesOf(userIds) {
  const names = userIds.slice(0, 2).map(nameOf);
  const more = userIds.length - names.length;
  if (more > 0) return `${names.join(', ')} and ${more} more`;
  return names.join(' and ');
}

export function badge(userId) {
  const digits = String(userId);
  const size = digits.length > 3 ? ' small' : '';
  // Neighbouring numbers get colours that are far apart.
  const hue = (userId * 7) % hues;
  return element('span', {class: `badge hue-${hue}${size}`, 'aria-hidden': 'true'}, digits);
}
