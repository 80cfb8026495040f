// What is wrong with a formula, in English and in Korean.

export const PROBLEMS = { en: {
  notFormula: (text, why) => `"${text}" is not a formula: ${why}`,
  missing: (mark) => `${mark} is missing`,
  otherwise: () => "write what holds otherwise: x if condition, else y",
  tooEarly: () => "it ends too early",
  unexpected: (text) => `${text} is not expected`,
  notHere: (name) => `${name} is not available in JavaScript`,
  noFunction: (name) => `there is no function ${name}`,
  several: (name) => `${name} gives several numbers: write p1, p2 = ${name}(z1, z2)`,
  takes: (name, count, given) => `${name} takes ${count} numbers, not ${given}`,
  defines: (text, count, given) => `"${text}" defines ${count} numbers, but softmax takes ${given}`,
  notValue: (text) => `"${text}" is not a value: write it as name = number`,
  notDefinition: (text) => `"${text}" is not a definition: write it as name = formula`,
  twice: (name) => `${name} is defined twice`,
  circle: (names) => `the definitions depend on each other in a circle${names && `: ${names}`}`,
  nothing: () => "there is no formula",
  outputs: (names) => `there are several outputs: ${names}`,
  unknown: (name) => `${name} is neither defined nor given a value`,
}, ko: {
  notFormula: (text, why) => `"${text}"은(는) 수식이 아닙니다: ${why}`,
  missing: (mark) => `${mark} 기호가 빠졌습니다`,
  otherwise: () => "그 밖의 경우도 쓰세요: x if 조건, else y",
  tooEarly: () => "수식이 중간에 끝났습니다",
  unexpected: (text) => `${text}이(가) 올 자리가 아닙니다`,
  notHere: (name) => `${name} 함수는 JavaScript에서 계산할 수 없습니다`,
  noFunction: (name) => `${name}(이)라는 함수가 없습니다`,
  several: (name) => `${name}의 값은 여러 개입니다: p1, p2 = ${name}(z1, z2)처럼 쓰세요`,
  takes: (name, count, given) => `${name} 함수는 수 ${count}개를 받습니다. ${given}개가 아닙니다`,
  defines: (text, count, given) => `"${text}"은(는) 수 ${count}개를 정의하는데 softmax는 ${given}개를 받습니다`,
  notValue: (text) => `"${text}"은(는) 값이 아닙니다: 이름 = 수 로 쓰세요`,
  notDefinition: (text) => `"${text}"은(는) 정의가 아닙니다: 이름 = 수식 으로 쓰세요`,
  twice: (name) => `${name}이(가) 두 번 정의되었습니다`,
  circle: (names) => `정의가 서로 돌고 돕니다${names && `: ${names}`}`,
  nothing: () => "수식이 없습니다",
  outputs: (names) => `출력이 여러 개입니다: ${names}`,
  unknown: (name) => `${name}의 정의도 값도 없습니다`,
} };

// An error that can be said in each language.  An argument may be a problem itself, as a list of its name and arguments.
export class Problem extends Error {
  constructor(...problem) {
    super(said("en", problem));
    this.problem = problem;
  }

  in(language) {
    return said(language, this.problem);
  }
}

function said(language, [name, ...given]) {
  return PROBLEMS[language][name](...given.map((x) => (Array.isArray(x) ? said(language, x) : x)));
}
