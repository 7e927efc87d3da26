// Text of companies that speaks to whoever reads it for somebody: it is data, and is counted as what it is.

const ADDRESSING: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override)\b[^.!?]{0,40}\b(?:instruction|prompt|rule|guideline|message)s?\b/i,
  /\b(?:submit_lookalikes|cancel_bulk|delete_job|export_bulk|mark_companies|import_known|query_companies|get_bulk|get_review|list_bulk|lookup_companies|wait_and_collect|confirm_credits|allow_duplicate)/i,
  /\b(?:tell|inform|ask|remind|convince|warn) (?:the|your) user\b/i,
  /\b(?:dear|attention|hey|hello|note to|note for) (?:the |any |all )?(?:AI|LLM|assistant|agent|language model|chatbot)s?\b/i,
  /\b(?:system prompt|as an AI (?:assistant|agent|model)|you are (?:now )?(?:an?|the) (?:AI|assistant|language model))\b/i,
];

/** Whether a text seems to speak to an AI assistant ("ignore all instructions", "call submit_…", "tell the user"). */
export function addressesAssistant(text: string): boolean {
  return ADDRESSING.some((pattern) => pattern.test(text));
}
