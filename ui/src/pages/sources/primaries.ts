import { isIPv4, isIPv6 } from '../zone/rdata';

/** primary is an address with a port: that of DNS where none is given. */
export const primary = (text: string) => (isIPv4(text) ? `${text}:53` : isIPv6(text) ? `[${text}]:53` : text);
