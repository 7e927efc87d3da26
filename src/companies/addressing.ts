// Text of companies that speaks to whoever reads it for somebody: it is data, and is counted as what it is.

/** "Ignore all rules": the verb, and what is to be ignored soon after it in the same sentence. */
const IGNORING = /\b(?:ignore|disregard|forget|override)\b/i;
const RULES_GIVEN = /\b(?:instruction|prompt|rule|guideline|message)s?\b/i;
/** From the verb on. Characters. */
const SOON = 60;

/** One of our tools by name, an order about the user, a greeting to a model, or a word about its instructions. */
const ADDRESSING =
  /\b(?:(?:submit_lookalikes|cancel_bulk|delete_job|export_bulk|mark_companies|import_known|query_companies|get_bulk|get_review|list_bulk|lookup_companies|wait_and_collect|confirm_credits|allow_duplicate)|(?:tell|inform|ask|remind|convince|warn) (?:the|your) user\b|(?:dear|attention|hey|hello|note to|note for) (?:the |any |all )?(?:AI|LLM|assistant|agent|language model|chatbot)s?\b|(?:system prompt|as an AI (?:assistant|agent|model)|you are (?:now )?(?:an?|the) (?:AI|assistant|language model))\b)/i;

/** Whether a text seems to speak to an AI assistant ("ignore all instructions", "call submit_…", "tell the user"). */
export function addressesAssistant(text: string): boolean {
  return ADDRESSING.test(text) || (IGNORING.test(text) && text.split(/[.!?]/).some(isOrder));
}

function isOrder(sentence: string): boolean {
  const verb = sentence.search(IGNORING);
  return verb >= 0 && RULES_GIVEN.test(sentence.slice(verb, verb + SOON));
}
