// Text of companies that speaks to whoever reads it for somebody: it is data, and is counted as what it is.

/** "Ignore all rules": the verb, and what is to be ignored soon after it in the same sentence. */
const IGNORING = /\b(?:ignore|disregard|forget|override)\b/i;
const RULES_GIVEN = /\b(?:instruction|prompt|rule|guideline|message)s?\b/i;
/** From the verb on. Characters. */
const SOON = 60;

/** Patterns, each with what stands in small letters in all that it finds: that is looked for faster. */
const ADDRESSING: ReadonlyArray<readonly [holds: string, pattern: RegExp]> = [
  [
    '_',
    /\b(?:submit_lookalikes|cancel_bulk|delete_job|export_bulk|mark_companies|import_known|query_companies|get_bulk|get_review|list_bulk|lookup_companies|wait_and_collect|confirm_credits|allow_duplicate)/i,
  ],
  [' user', /\b(?:tell|inform|ask|remind|convince|warn) (?:the|your) user\b/i],
  [
    '',
    /\b(?:dear|attention|hey|hello|note to|note for) (?:the |any |all )?(?:AI|LLM|assistant|agent|language model|chatbot)s?\b/i,
  ],
  [
    '',
    /\b(?:system prompt|as an AI (?:assistant|agent|model)|you are (?:now )?(?:an?|the) (?:AI|assistant|language model))\b/i,
  ],
];

/** Whether a text seems to speak to an AI assistant ("ignore all instructions", "call submit_…", "tell the user"). */
export function addressesAssistant(text: string): boolean {
  const small = text.toLowerCase();
  if (ADDRESSING.some(([holds, pattern]) => small.includes(holds) && pattern.test(text))) return true;
  return IGNORING.test(text) && text.split(/[.!?]/).some(isOrder);
}

function isOrder(sentence: string): boolean {
  const verb = sentence.search(IGNORING);
  return verb >= 0 && RULES_GIVEN.test(sentence.slice(verb, verb + SOON));
}
