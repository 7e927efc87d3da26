/** What finds companies like one that OpenFunnel does not know (recorded: 50–100 % right, by a stranger of a like name 0 %). */
export const INSTEAD =
  'In place of such a company give a short query that says what it does and for whom; another company of a like name finds strangers.';
