// What the people of the walk write, in the language they work in.

import type { Text } from '../story.ts';

export const SAID = {
  question: {
    ar: 'أي شاشة واجهت الصالة؟ وهل ظهرت عليها بيانات شخص آخر؟',
    en: 'Which screen faced the hall, and was somebody else’s data on it?',
  },
  answer: {
    ar: 'شاشة المنفذ الثاني تواجه الصالة، وقرأت عليها اسم من سبقني ورقمه.',
    en: 'The screen of counter 2 faces the hall; I read the name and number of the person before me.',
  },
  confirmed: {
    ar: 'الملاحظة صريحة، وأكدها جواب المقيّم.',
    en: 'The note is plain, and the evaluator’s reply bears it out.',
  },
  dismissed: {
    ar: 'المنحدر عند المدخل الجانبي ظاهر في الصورة.',
    en: 'The ramp at the side entrance is plain in the photo.',
  },
  place: { ar: 'قاعة الاجتماعات الكبرى', en: 'Main meeting room' },
  note: {
    ar: 'اتفق الأعضاء على أن أثر اللوحات في وصول المراجعين كبير.',
    en: 'The members agree that the signs matter much to whoever looks for the centre.',
  },
  otherNote: {
    ar: 'رأى الأعضاء أن موضع الشاشة يعالج في يوم واحد.',
    en: 'The members hold that the screen can be moved within a day.',
  },
  moderation: {
    ar: 'كُشفت بيانات متعامل لغيره، فلا يُمنح مستوى في هذه الدورة.',
    en: 'A customer’s data was shown to others; no level is given in this cycle.',
  },
  strength: {
    ar: 'إدارة الطوابير نموذج يُحتذى.',
    en: 'Queue management sets an example to others.',
  },
  improved: {
    ar: 'لا لوحة إرشادية في الطريق إلى المركز.',
    en: 'There is no sign on the way to the centre.',
  },
  owner: { ar: 'رئيسة قسم الاستقبال', en: 'Head of reception' },
  statement: {
    ar: 'تُنظَّف الصالة ثلاث مرات في اليوم، وسجل النظافة موقّع لكل ساعة، ولم يُنظر فيه.',
    en: 'The hall is cleaned three times a day and the log is signed each hour; it was not looked at.',
  },
  first: {
    ar: 'سجل النظافة كامل، والصورة تُظهر صالة نظيفة.',
    en: 'The cleaning log is complete, and the photo shows a clean hall.',
  },
  last: {
    ar: 'ثبت للجنة من السجل أن الصالة كانت نظيفة ومهيأة.',
    en: 'The log satisfies the committee that the hall was clean and fit for use.',
  },
} satisfies Record<string, Text>;
