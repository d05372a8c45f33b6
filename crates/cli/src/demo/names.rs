//! The invented names of the demo: agencies, centres and people of a small state that does not exist.
//!
//! No name is meant to be a real person's or a real centre's.

/// A name in Arabic and English.
pub(super) type Name = (&'static str, &'static str);

/// Agencies: code and name.
pub(super) const AGENCIES: [(&str, Name); 21] = [
    ("CIV", ("هيئة الهوية والسجل المدني", "Identity and Civil Registry Authority")),
    ("TRF", ("هيئة المرور والترخيص", "Traffic and Licensing Authority")),
    ("SOC", ("وزارة الرعاية والتنمية المجتمعية", "Ministry of Care and Community Development")),
    ("HLT", ("هيئة خدمات الرعاية الصحية", "Healthcare Services Authority")),
    ("HSG", ("هيئة الإسكان والتطوير الحضري", "Housing and Urban Development Authority")),
    ("UTL", ("هيئة خدمات الكهرباء والماء", "Power and Water Services Authority")),
    ("MUN", ("هيئة شؤون البلديات والأراضي", "Municipal and Land Affairs Authority")),
    ("COM", ("وزارة التجارة وتنمية الأعمال", "Ministry of Commerce and Business Development")),
    ("PEN", ("هيئة التأمينات والتقاعد", "Insurance and Pensions Authority")),
    ("CUS", ("هيئة الجمارك والمنافذ", "Customs and Border Posts Authority")),
    ("EDU", ("وزارة التعليم والمهارات", "Ministry of Education and Skills")),
    ("JUS", ("هيئة التوثيق والخدمات العدلية", "Notarisation and Legal Services Authority")),
    ("LAB", ("هيئة العمل والتوظيف", "Labour and Employment Authority")),
    ("ENV", ("هيئة البيئة والموارد الطبيعية", "Environment and Natural Resources Authority")),
    ("AGR", ("وزارة الزراعة والثروة السمكية", "Ministry of Agriculture and Fisheries")),
    ("TOU", ("هيئة السياحة والتراث", "Tourism and Heritage Authority")),
    ("YTH", ("وزارة الشباب والأندية", "Ministry of Youth and Clubs")),
    ("REV", ("هيئة الضرائب والإيرادات", "Tax and Revenue Authority")),
    ("PST", ("مؤسسة البريد والطرود", "Post and Parcels Corporation")),
    ("IND", ("هيئة الصناعة والمواصفات", "Industry and Standards Authority")),
    ("RES", ("هيئة الإقامة وشؤون الوافدين", "Residence and Newcomers' Affairs Authority")),
];

/// The agencies of a demo of so many centres: the later ones only where there are services of theirs.
pub(super) fn agencies(centres: usize) -> &'static [(&'static str, Name)] {
    &AGENCIES[..if centres > FIRST_SERVICES { AGENCIES.len() } else { FIRST_AGENCIES }]
}

/// Agencies that have a centre among the first [`FIRST_SERVICES`].
const FIRST_AGENCIES: usize = 12;
/// The centres of the usual demo; past them the later agencies join in.
const FIRST_SERVICES: usize = 24;

/// A kind of centre: its agency's place in [`AGENCIES`], whether it is remote, its name.
pub(super) struct Service {
    pub(super) agency: usize,
    pub(super) remote: bool,
    pub(super) name: Name,
    /// Whether a district follows the name.
    pub(super) district: bool,
}

const fn local(agency: usize, ar: &'static str, en: &'static str) -> Service {
    Service { agency, remote: false, name: (ar, en), district: true }
}

const fn single(agency: usize, ar: &'static str, en: &'static str) -> Service {
    Service { agency, remote: false, name: (ar, en), district: false }
}

const fn remote(agency: usize, ar: &'static str, en: &'static str) -> Service {
    Service { agency, remote: true, name: (ar, en), district: false }
}

/// The centres in the order they join the demo: small demos have both models and the odd names too.
pub(super) const SERVICES: [Service; 42] = [
    local(0, "مركز خدمات الهوية", "Identity Services Centre"),
    single(2, "مركز الأمل للتأهيل", "Al-Amal Rehabilitation Centre"),
    remote(0, "مركز الاتصال لخدمات الهوية", "Identity Services Contact Centre"),
    single(
        2,
        "المركز الموحّد لخدمات كبار السن والأشخاص ذوي الإعاقة والأسر المنتجة في الساحل الشمالي",
        "Unified Service Centre for Older People, People with Disabilities and Home Businesses, \
         North Coast",
    ),
    local(1, "مركز خدمات المرور", "Traffic Services Centre"),
    remote(8, "المركز الافتراضي لخدمات المتقاعدين", "Virtual Centre for Pensioners' Services"),
    local(7, "مركز المستثمرين", "Investors' Centre"),
    local(5, "مركز خدمات المشتركين", "Subscribers' Service Centre"),
    local(1, "مركز فحص المركبات", "Vehicle Inspection Centre"),
    remote(5, "مركز الاتصال للكهرباء والماء", "Power and Water Contact Centre"),
    local(3, "مركز التسجيل الصحي", "Health Registration Centre"),
    local(4, "مركز خدمات الإسكان", "Housing Services Centre"),
    local(6, "مركز الخدمات البلدية", "Municipal Services Centre"),
    remote(7, "المركز الافتراضي للسجل التجاري", "Virtual Commercial Registry Centre"),
    local(8, "مركز خدمات المؤمَّن عليهم", "Insured Persons' Service Centre"),
    local(9, "مركز التخليص الجمركي", "Customs Clearance Centre"),
    local(11, "مركز التوثيق", "Notarisation Centre"),
    remote(3, "المركز الافتراضي للمواعيد الصحية", "Virtual Health Appointments Centre"),
    local(10, "مركز معادلة الشهادات", "Certificate Equivalence Centre"),
    local(0, "مركز خدمات الجوازات", "Passport Services Centre"),
    remote(10, "مركز الاتصال لخدمات الطلبة", "Student Services Contact Centre"),
    local(6, "مركز خدمات الأراضي", "Land Services Centre"),
    local(2, "مركز الدعم الاجتماعي", "Social Support Centre"),
    remote(4, "المركز الافتراضي لخدمات الإسكان", "Virtual Housing Services Centre"),
    local(12, "مركز خدمات التوظيف", "Employment Services Centre"),
    local(13, "مركز التصاريح البيئية", "Environmental Permits Centre"),
    local(14, "مركز خدمات المزارعين", "Farmers' Service Centre"),
    remote(12, "المركز الافتراضي لعقود العمل", "Virtual Employment Contracts Centre"),
    local(15, "مركز تراخيص المنشآت السياحية", "Tourism Licensing Centre"),
    local(16, "مركز خدمات الأندية", "Clubs' Service Centre"),
    local(17, "مركز خدمات المكلفين", "Taxpayers' Service Centre"),
    remote(17, "مركز الاتصال للضرائب والإيرادات", "Tax and Revenue Contact Centre"),
    local(18, "مكتب البريد الشامل", "Full-Service Post Office"),
    local(19, "مركز خدمات المصنّعين", "Manufacturers' Service Centre"),
    local(20, "مركز خدمات الإقامة", "Residence Services Centre"),
    local(12, "مركز تسوية منازعات العمل", "Labour Disputes Centre"),
    remote(20, "المركز الافتراضي لطلبات الإقامة", "Virtual Residence Applications Centre"),
    local(14, "مركز تراخيص الصيد", "Fishing Licences Centre"),
    local(18, "مركز تسليم الطرود", "Parcel Collection Centre"),
    local(19, "مركز فحص المطابقة", "Conformity Testing Centre"),
    remote(15, "المركز الافتراضي للمرشدين السياحيين", "Virtual Centre for Tourist Guides"),
    local(13, "مركز تراخيص النفايات", "Waste Licences Centre"),
];

/// Invented districts.
pub(super) const DISTRICTS: [Name; 20] = [
    ("السدرة", "Al-Sidra"),
    ("المرجان", "Al-Marjan"),
    ("الواحة", "Al-Waha"),
    ("الغدير", "Al-Ghadeer"),
    ("اللؤلؤ", "Al-Lulu"),
    ("الصفا", "Al-Safa"),
    ("المنار", "Al-Manar"),
    ("البستان", "Al-Bustan"),
    ("الشروق", "Al-Shurooq"),
    ("الربيع", "Al-Rabee"),
    ("الياسمين", "Al-Yasmeen"),
    ("الميناء القديم", "Old Harbour"),
    ("الروضة", "Al-Rawda"),
    ("السنابل", "Al-Sanabil"),
    ("الفنار", "Al-Fanar"),
    ("التلال", "Al-Tilal"),
    ("الأصايل", "Al-Asayel"),
    ("النسيم", "Al-Naseem"),
    ("العيون", "Al-Oyoon"),
    ("المحار", "Al-Mahar"),
];

/// Evaluators: account, name, the agency that employs them, agencies where they have an interest.
pub(super) struct EvaluatorName {
    pub(super) user: &'static str,
    pub(super) name: Name,
    pub(super) employer: Option<usize>,
    pub(super) interests: &'static [usize],
    /// Writes notes in Arabic, else in English.
    pub(super) writes_arabic: bool,
}

const fn evaluator(
    user: &'static str,
    name: Name,
    employer: Option<usize>,
    interests: &'static [usize],
    writes_arabic: bool,
) -> EvaluatorName {
    EvaluatorName { user, name, employer, interests, writes_arabic }
}

/// The evaluators, with names that occur nowhere else. Small demos have the first ten.
pub(super) const EVALUATORS: [EvaluatorName; 30] = [
    evaluator("th.qusaiban", ("ثامر القصيبان", "Thamer Al-Qusaiban"), Some(0), &[], true),
    evaluator("w.muzayel", ("وضحى المزيعل", "Wadha Al-Muzayel"), None, &[2], true),
    evaluator("j.duhaimi", ("جاسر الدهيمي", "Jaser Al-Duhaimi"), Some(7), &[], false),
    evaluator("r.shabrami", ("ريوف الشبرمي", "Reyouf Al-Shabrami"), None, &[], true),
    evaluator("n.buraikan", ("نواف البريكان", "Nawaf Al-Buraikan"), None, &[5, 6], true),
    evaluator("l.unaizan", ("لطيفة العنيزان", "Latifa Al-Unaizan"), Some(10), &[], true),
    evaluator("m.huwaider", ("مشاري الهويدر", "Mishari Al-Huwaider"), None, &[], false),
    evaluator("d.suwailmi", ("دانة السويلمي", "Dana Al-Suwailmi"), Some(3), &[], true),
    evaluator("rk.fuhaidi", ("راكان الفهيدي", "Rakan Al-Fuhaidi"), None, &[1], true),
    evaluator("h.mutairfi", ("هيا المطيرفي", "Haya Al-Mutairfi"), None, &[], true),
    evaluator("s.qirnas", ("سلمان القرناص", "Salman Al-Qirnas"), Some(12), &[], true),
    evaluator("b.humailan", ("بدرية الهميلان", "Badriya Al-Humailan"), None, &[], true),
    evaluator("f.shuwaiter", ("فواز الشويطر", "Fawaz Al-Shuwaiter"), None, &[17], false),
    evaluator("g.wutaidi", ("غادة الوتيدي", "Ghada Al-Wutaidi"), Some(19), &[], true),
    evaluator("t.nubait", ("طلال النبيط", "Talal Al-Nubait"), None, &[], true),
    evaluator("k.rusaifan", ("كوثر الرصيفان", "Kawthar Al-Rusaifan"), None, &[14], true),
    evaluator("y.duwaihis", ("يعقوب الدويحس", "Yaqoub Al-Duwaihis"), Some(6), &[], false),
    evaluator("z.hubaishan", ("زينة الحبيشان", "Zeina Al-Hubaishan"), None, &[], true),
    evaluator("o.khuraimi", ("عمران الخريمي", "Omran Al-Khuraimi"), None, &[20], true),
    evaluator("sh.luqaiti", ("شهد اللقيتي", "Shahad Al-Luqaiti"), None, &[], true),
    evaluator("ay.mughairis", ("أيمن المغيريس", "Ayman Al-Mughairis"), Some(16), &[], true),
    evaluator("r.suqairan", ("رنيم الصقيران", "Raneem Al-Suqairan"), None, &[], false),
    evaluator("i.jurayyan", ("إياد الجريّان", "Iyad Al-Jurayyan"), None, &[], true),
    evaluator("n.tuwaijan", ("نجلاء التويجان", "Najla Al-Tuwaijan"), Some(8), &[], true),
    evaluator("hz.ghuzailan", ("حازم الغزيلان", "Hazem Al-Ghuzailan"), None, &[13], true),
    evaluator("mh.sumaihat", ("مها السميحات", "Maha Al-Sumaihat"), None, &[], true),
    evaluator("wl.qunaitir", ("وليد القنيطر", "Walid Al-Qunaitir"), None, &[], false),
    evaluator("dl.huraiqi", ("دلال الحريقي", "Dalal Al-Huraiqi"), Some(15), &[], true),
    evaluator("q.bujairan", ("قاسم البجيران", "Qasem Al-Bujairan"), None, &[], true),
    evaluator("ly.shuraiqi", ("ليلى الشريقي", "Layla Al-Shuraiqi"), None, &[], true),
];

/// The evaluators of a demo of so many centres.
pub(super) fn evaluators(centres: usize) -> &'static [EvaluatorName] {
    &EVALUATORS[..if centres > ENOUGH_FOR_TEN { EVALUATORS.len() } else { FIRST_EVALUATORS }]
}

const FIRST_EVALUATORS: usize = 10;
/// Ten evaluators make the visits of so many centres, and no more.
const ENOUGH_FOR_TEN: usize = 40;

/// Invented governorates. A centre has one name for its governorate, so both languages stand in it.
const GOVERNORATES: [&str; 4] =
    ["العاصمة / Capital", "الساحل الشمالي / North Coast", "الواحات / Oases", "المرافئ / Harbours"];

/// Who runs centres: the agency mostly.
const OPERATORS: [&str; 5] = [
    "الجهة / The agency",
    "الجهة / The agency",
    "شركة نبراس الساحل / Nibras Coast Services",
    "الجهة / The agency",
    "شركة أفق الواحة / Ufuq Oasis Services",
];

const SIZES: [&str; 4] = ["medium", "large", "small", "medium"];

/// The evaluator of the next cycle, who made no visit of this one.
pub(super) const NEXT_EVALUATOR: EvaluatorName =
    evaluator("a.rumaihi", ("العنود الرميحي", "Alanoud Al-Rumaihi"), None, &[], true);

/// The staff of the programme: account, name, role.
pub(super) const STAFF: [(&str, Name, &str); 5] = [
    ("central", ("بدر العلياني", "Badr Al-Olayani"), "central_team"),
    ("reviewer", ("سلوى الجبران", "Salwa Al-Jubran"), "reviewer"),
    ("chair", ("خليفة السويدان", "Khalifa Al-Suwaidan"), "committee_chair"),
    ("member.one", ("منيرة الصايغ", "Munira Al-Sayegh"), "committee_member"),
    ("member.two", ("عبدالرحمن الدوي", "Abdulrahman Al-Dowi"), "committee_member"),
];

/// A centre of the demo, not yet on a server.
#[derive(Debug, Clone)]
pub(super) struct CentreName {
    /// Such as `C-001`.
    pub(super) code: String,
    /// Its agency's place in [`AGENCIES`].
    pub(super) agency: usize,
    /// Whether it serves from a distance.
    pub(super) remote: bool,
    /// Arabic name.
    pub(super) ar: String,
    /// English name.
    pub(super) en: String,
    /// Its governorate.
    pub(super) governorate: &'static str,
    /// `small`, `medium` or `large`.
    pub(super) size: &'static str,
    /// Who runs it.
    pub(super) operator: &'static str,
}

/// The first `count` centres; past the list, further branches in other districts.
pub(super) fn centres(count: usize) -> Vec<CentreName> {
    (0..count).map(centre).collect()
}

fn centre(place: usize) -> CentreName {
    let service = &SERVICES[place % SERVICES.len()];
    let round = place / SERVICES.len();
    let (ar, en) = service.name;
    let district = if service.district || round > 0 { Some(district(place, round)) } else { None };
    let (ar, en) = match district {
        Some((dar, den)) => (format!("{ar} – {dar}"), format!("{en}, {den}")),
        None => (ar.to_owned(), en.to_owned()),
    };
    CentreName {
        code: format!("C-{:03}", place + 1),
        agency: service.agency,
        remote: service.remote,
        governorate: governorate(place, round, service),
        // Another factor each, so that no two of them go together.
        size: SIZES[(place * 7 + round) % SIZES.len()],
        operator: OPERATORS[(place * 3 + round) % OPERATORS.len()],
        ar,
        en,
    }
}

/// Five neighbouring districts are one; what serves the whole state stands in the capital.
fn governorate(place: usize, round: usize, service: &Service) -> &'static str {
    if service.name.1.ends_with("North Coast") && round == 0 {
        return GOVERNORATES[1];
    }
    match service.district || round > 0 {
        true => GOVERNORATES[district_place(place, round) / 5],
        false => GOVERNORATES[0],
    }
}

fn district_place(place: usize, round: usize) -> usize {
    (place % SERVICES.len() + round) % DISTRICTS.len()
}

/// A district no earlier branch of the same service has; after all of them, numbered ones.
fn district(place: usize, round: usize) -> (String, String) {
    let (ar, en) = DISTRICTS[district_place(place, round)];
    match round / DISTRICTS.len() {
        0 => (ar.to_owned(), en.to_owned()),
        more => (format!("{ar} {}", more + 1), format!("{en} {}", more + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_usual_demo_has_seventeen_centres_in_person_and_seven_remote() {
        let centres = centres(24);
        assert_eq!(centres.iter().filter(|centre| centre.remote).count(), 7);
        assert!(centres.iter().any(|centre| centre.ar == "مركز الأمل للتأهيل"));
        assert!(centres.iter().any(|centre| centre.ar.chars().count() >= 80));
    }

    #[test]
    fn ninety_centres_belong_to_twenty_one_agencies_in_both_models() {
        let centres = centres(90);
        let agencies: BTreeSet<usize> = centres.iter().map(|centre| centre.agency).collect();
        assert_eq!(agencies.len(), 21);
        assert_eq!(agencies.len(), super::agencies(90).len());
        for remote in [true, false] {
            assert!(centres.iter().filter(|centre| centre.remote == remote).count() >= 20);
        }
        let governorates: BTreeSet<&str> = centres.iter().map(|c| c.governorate).collect();
        assert_eq!(governorates.len(), GOVERNORATES.len());
    }

    #[test]
    fn a_demo_has_every_agency_that_its_centres_and_evaluators_name() {
        for count in [1, 24, 25, 40, 41, 90] {
            let agencies = super::agencies(count).len();
            assert!(centres(count).iter().all(|centre| centre.agency < agencies), "{count}");
            for evaluator in evaluators(count) {
                let named = evaluator.employer.iter().chain(evaluator.interests);
                assert!(named.into_iter().all(|agency| *agency < agencies), "{}", evaluator.user);
            }
        }
    }

    #[test]
    fn no_two_people_share_an_account_or_a_family_name() {
        let everybody = EVALUATORS.iter().chain([&NEXT_EVALUATOR]);
        let family = |name: &'static str| name.rsplit(' ').next().unwrap();
        let mut names = BTreeSet::new();
        for evaluator in everybody {
            let (ar, en) = evaluator.name;
            assert!(names.insert(evaluator.user), "{}", evaluator.user);
            assert!(names.insert(family(ar)) && names.insert(family(en)), "{en}");
        }
        for (user, (ar, en), _) in STAFF {
            assert!(names.insert(user), "{user}");
            assert!(names.insert(family(ar)) && names.insert(family(en)), "{en}");
        }
    }

    #[test]
    fn names_are_unique_in_both_languages_however_many_there_are() {
        let centres = centres(1000);
        let arabic: BTreeSet<&str> = centres.iter().map(|centre| centre.ar.as_str()).collect();
        let english: BTreeSet<&str> = centres.iter().map(|centre| centre.en.as_str()).collect();
        assert_eq!((arabic.len(), english.len()), (1000, 1000));
    }

    #[test]
    fn no_evaluators_name_is_part_of_anything_a_manager_may_see() {
        let shown: Vec<CentreName> = centres(200);
        for evaluator in &EVALUATORS {
            for name in [evaluator.user, evaluator.name.0, evaluator.name.1] {
                assert!(shown.iter().all(|c| !c.ar.contains(name) && !c.en.contains(name)));
            }
        }
    }
}
