const verbs: Record<string, string> = {
  'zone.create': 'made the zone',
  'zone.replace': 'replaced the zone',
  'zone.restore': 'restored the zone',
  'zone.delete': 'deleted the zone',
  'zone.undelete': 'brought the zone back',
  'zone.takeover': 'gave another source the zone',
  'zone.assign': 'gave another owner the zone',
  'record.set': 'set records of',
  'record.add': 'added records to',
  'record.delete': 'deleted records of',
  'record.edit': 'edited records of',
  'member.add': 'added the server',
  'member.config': 'prepared the server',
  'member.test': 'tested the server',
  'member.edit': 'changed the server',
  'member.enable': 'enabled the server',
  'member.observe': 'observes the server',
  'member.disable': 'disabled the server',
  'member.remove': 'removed the server',
  'user.add': 'added the user',
  'user.edit': 'changed the user',
  'user.remove': 'removed the user',
  'user.password': 'changed the password of',
  'token.create': 'made the token',
  'token.delete': 'deleted the token',
  'session.end': 'ended a session of',
  claim: 'used the one-time link',
  login: 'signed in as',
  logout: 'signed out as',
};

/**
 * actionWords writes an action of the audit log for people: what was done,
 * and to what. An action without words stays as it is.
 */
export function actionWords(action: string): string {
  const [verb = '', ...subject] = action.split(' ');
  return [verbs[verb] ?? verb.replaceAll('.', ' '), ...subject].join(' ');
}
