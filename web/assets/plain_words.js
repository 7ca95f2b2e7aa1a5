// What the API's refusals mean, in words for the person in front of the page.

const fieldSentences = new Map([
  ['This field is required.', 'Please fill this in.'],
  ['This field may not be blank.', 'Please fill this in.'],
  ['This field may not be null.', 'Please fill this in.'],
  ['Enter a valid email address.', 'This does not look like an e-mail address.'],
  ['Email already registered.', 'There is an account with this address already. Log in instead?'],
  ['Ensure this field has at least 8 characters.', 'Use 8 characters or more.'],
]);
const nameSentence = 'The server takes the letters A to Z, spaces and , . \' - only.';

export function sentenceFor(error) {
  switch (error.kind) {
    case 'network':
      return 'The server does not answer. Check your connection and try again.';
    case 'unavailable':
    case 'failed':
      return 'The server cannot do this right now. Please try again in a moment.';
    case 'unauthorized':
      return 'Please log in again.';
    default:
      return error.message || 'The server refused this.';
  }
}

// {field: sentence} for an answer to sign-up.
export function signUpSentences(error) {
  const errors = error.body?.errors;
  if (error.kind !== 'refused' || !errors) return {'': sentenceFor(error)};
  const entries = Object.entries(errors).map(([field, [text]]) => {
    const isName = field === 'first_name' || field === 'last_name';
    if (isName && text === 'Enter a valid value.') return [field, nameSentence];
    const tooLong = /no more than (\d+) characters/.exec(text);
    if (tooLong) return [field, `Use at most ${tooLong[1]} characters.`];
    return [field, fieldSentences.get(text) ?? text];
  });
  return Object.fromEntries(
      entries.map(([field, text]) => [field === 'non_field_errors' ? '' : field, text]));
}

export function logInSentences(error) {
  if (error.kind !== 'refused') return {'': sentenceFor(error)};
  return {'': 'E-mail and password do not fit together. Check both and try again.'};
}

// Why an unsent message cannot be sent, by the code of the server's error frame.
export function sendFailure(code) {
  switch (code) {
    case 'too_large': return 'Too long: 8 KB is the most.';
    case 'empty_text': return 'There is nothing to read in it.';
    case 'forbidden': return 'You are no longer in this conversation.';
    case 'conflict': return 'The server knows this message with other words.';
    default: return 'The server did not accept it.';
  }
}

// Why a conversation's line ended, and what the button beside it should say ('' for none).
export function endFor(reason) {
  switch (reason) {
    case 'not_member':
      return {text: 'You are not in this conversation, or it does not exist.', button: ''};
    case 'removed':
      return {text: 'You were removed from this conversation.', button: ''};
    case 'flooding':
      return {text: 'The server cut this line because too much came too fast.', button: 'Connect'};
    case 'signed_out':
      return {text: 'Your session has ended.', button: ''};
    default:
      return {text: 'The server does not accept this connection.', button: 'Try again'};
  }
}
