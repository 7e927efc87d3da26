/** The fields of the form in which Claude Desktop asks for the settings of its bundle: their titles, by the variable that each fills. */
export const FORM_FIELDS: Readonly<Record<string, string>> = {
  OPENFUNNEL_API_KEY: 'OpenFunnel API key',
  OPENFUNNEL_EXPORT_DIR: 'Folder for exported lists',
  OPENFUNNEL_CONFIRM_ABOVE: 'Ask me above this many credits',
  OPENFUNNEL_SANDBOX: 'Sandbox',
};

export const FORM_PLACE = 'Settings → Extensions → OpenFunnel Lookalikes';

/** Where a person corrects a setting, for the end of a sentence. */
export function placeOfSettings(fromForm: boolean): string {
  return fromForm
    ? `in this extension's form (${FORM_PLACE})`
    : 'where the MCP client sets it ("env" in its configuration)';
}

/** A message about settings, with the titles of the form's fields instead of variables. */
export function inFormWords(text: string): string {
  // Behind a sign, the name is an example of what a client has not filled in.
  return text.replaceAll(/(?<![$%{A-Z_])OPENFUNNEL_[A-Z_]+/g, (variable) => {
    const title = FORM_FIELDS[variable];
    return title === undefined
      ? `${variable} (an environment variable; the form has no field for it)`
      : `“${title}”`;
  });
}
