// The types are those of the package; its file for bundlers has another name.
declare module 'punycode/punycode.es6.js' {
  export { toASCII, toUnicode } from 'punycode';
}
