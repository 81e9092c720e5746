// The rows' sentences in Urdu: what happened, and what to do about it.
#include <array>

#include "sinks/transport/diagnosis.hpp"

namespace fastrsi::transport {
namespace {

constexpr std::array kUrduRows{
    RowText{row::kOk, "سب ٹھیک ہے: پیغام قبول کر لیا گیا۔"},
    RowText{row::kOkConnected,
            "رابطہ قائم ہے۔ باقی ترتیبات صرف اصل پیغام سے "
            "جانچی جا سکتی ہیں۔"},
    RowText{row::kDns,
            "سرور کا نام نہیں ملا۔ نام کے ہجے اور اس مشین کا "
            "نیٹ ورک جانچیں۔"},
    RowText{row::kConnectRefused,
            "سرور اس پورٹ پر رابطہ قبول نہیں کرتا۔ پتہ اور "
            "پورٹ جانچیں؛ شاید فائر وال نے اسے بند کر رکھا ہے۔"},
    RowText{row::kConnectTimeout,
            "سرور کوئی جواب نہیں دیتا۔ پتہ اور پورٹ جانچیں؛ "
            "بہت سے نیٹ ورک پورٹ 25 بند رکھتے ہیں۔"},
    RowText{row::kProxy,
            "پراکسی تک رسائی نہیں ہوئی یا وہ گزرنے نہیں دیتی۔ "
            "پراکسی کا پتہ جانچیں۔"},
    RowText{row::kPrivateAddress,
            "یہ پتہ نجی نیٹ ورک یا اسی مشین کا ہے، اس لیے "
            "رابطہ نہیں کیا گیا۔ اگر یہ آپ کا ہے تو allow_private = "
            "true رکھیں۔"},
    RowText{row::kTlsHandshake,
            "خفیہ رابطہ قائم نہ ہو سکا۔ شاید پورٹ اور tls میل "
            "نہیں کھاتے: 465 پر tls، 587 اور 25 پر starttls۔"},
    RowText{row::kTlsSelfSigned,
            "سرور کا سرٹیفکیٹ خود اسی کا دستخط شدہ ہے، کوئی "
            "اس کی ضمانت نہیں دیتا۔ اپنے سرور کے لیے ca_file یا pin "
            "دیں۔"},
    RowText{row::kTlsExpired,
            "سرور کے سرٹیفکیٹ کی میعاد ختم ہو چکی ہے، یا اس "
            "مشین کی گھڑی غلط ہے۔"},
    RowText{row::kTlsWrongName,
            "سرور کا سرٹیفکیٹ کسی اور نام کا ہے۔ host میں وہی "
            "نام لکھیں جس کے لیے وہ بنا ہے۔"},
    RowText{row::kTlsUntrusted,
            "سرور کا سرٹیفکیٹ ایسے ادارے کا ہے جسے یہ مشین "
            "نہیں جانتی۔ ca-certificates نصب کریں یا ca_file دیں۔"},
    RowText{row::kTlsPin,
            "سرور کی کلید مقررہ pin سے مختلف ہے۔ اگر مالک نے "
            "بدلی ہے تو نیا pin رکھیں؛ ورنہ کوئی بیچ میں ہے۔"},
    RowText{row::kTlsCaFile,
            "ca_file پڑھی نہیں جا سکتی، یا اس میں کوئی سرٹیفکیٹ "
            "نہیں۔"},
    RowText{row::kTlsNotOffered,
            "سرور یہاں خفیہ کاری پیش نہیں کرتا، اور اس کے "
            "بغیر کچھ نہیں بھیجا جاتا۔ دوسرا پورٹ یا سرور "
            "لیں؛ tls = \"none\" صرف اپنے نیٹ ورک پر۔"},
    RowText{row::kClient,
            "یہ مشین کوشش نہ کر سکی: میموری یا کسی لائبریری "
            "میں خرابی ہوئی۔"},
    RowText{row::kSecret,
            "پاس ورڈ یا ٹوکن اپنی جگہ سے حاصل نہ ہو سکا۔ وجہ "
            "پچھلی سطر میں ہے۔"},
    RowText{row::kGreetingRefused,
            "سرور شروع ہی میں انکار کرتا ہے: مصروف ہے، یا اس "
            "مشین کا پتہ نہیں چاہتا۔"},
    RowText{row::kGreetingDropped,
            "سرور سلام سے پہلے رابطہ بند کر دیتا ہے۔ پورٹ 465 "
            "پر tls = \"tls\" رکھیں؛ یا وہ اس مشین کو نہیں چاہتا۔"},
    RowText{row::kGreetingTimeout,
            "سرور رابطہ لیتا ہے مگر کچھ نہیں کہتا۔ پورٹ 465 پر "
            "tls = \"tls\" رکھیں؛ یا اس پر بوجھ ہے۔"},
    RowText{row::kHelloRefused,
            "سرور اس مشین کا نام (EHLO) قبول نہیں کرتا۔ ehlo_name میں "
            "پورا نام لکھیں، جیسے mail.example.org۔"},
    RowText{row::kAuthRefused,
            "سرور صارف نام اور پاس ورڈ نہیں مانتا۔ دونوں "
            "جانچیں؛ اکثر سروسز صارف نام میں پورا پتہ چاہتی "
            "ہیں۔"},
    RowText{row::kAuthTemporary,
            "سرور ابھی پاس ورڈ نہیں جانچ سکتا۔ دوبارہ کوشش "
            "ہوگی۔"},
    RowText{row::kAuthToken,
            "سرور OAuth ٹوکن نہیں مانتا۔ اس کی میعاد ختم ہے یا "
            "ای میل بھیجنے کا حق نہیں؛ ٹوکن کی کمانڈ جانچیں۔"},
    RowText{row::kAuthMechanism,
            "سرور لاگ اِن کا کوئی اجازت شدہ طریقہ نہیں جانتا۔ "
            "auth = \"auto\" رکھیں یا وہ طریقہ جو سرور دیتا ہے۔"},
    RowText{row::kAuthNotOffered,
            "پاس ورڈ مقرر ہے مگر سرور یہاں لاگ اِن نہیں دیتا، "
            "اس لیے کچھ نہیں بھیجا گیا۔ اکثر سرور 465 اور 587 پر "
            "دیتے ہیں؛ یا auth = \"none\" رکھیں۔"},
    RowText{row::kAuthRequired,
            "سرور ای میل لینے سے پہلے لاگ اِن چاہتا ہے۔ صارف "
            "نام اور پاس ورڈ دیں۔"},
    RowText{row::kAuthBasicDisabled,
            "یہ سروس اب پاس ورڈ نہیں لیتی۔ auth = \"xoauth2\" اور ٹوکن "
            "کی کمانڈ رکھیں۔"},
    RowText{row::kDropped,
            "ای میل شروع ہونے سے پہلے رابطہ ٹوٹ گیا۔ کچھ نہیں "
            "بھیجا گیا؛ دوبارہ کوشش ہوگی۔"},
    RowText{row::kClosing,
            "سرور بند ہو رہا ہے یا بہت مصروف ہے۔ کچھ نہیں "
            "بھیجا گیا؛ دوبارہ کوشش ہوگی۔"},
    RowText{row::kMailTemporary,
            "سرور فی الحال اس بھیجنے والے کی ای میل نہیں "
            "لیتا۔ دوبارہ کوشش ہوگی۔"},
    RowText{row::kSenderRejected,
            "سرور اس بھیجنے والے کی ای میل نہیں لیتا۔ from وہ "
            "پتہ ہو جس کی اس اکاؤنٹ کو اجازت ہے۔"},
    RowText{row::kAddressRefused,
            "وصول کنندہ کا پتہ غلط لکھا ہے، اس پر کوشش نہیں "
            "ہوئی۔ ہجے جانچیں۔"},
    RowText{row::kRcptTemporary,
            "سرور فی الحال اس وصول کنندہ کی ای میل نہیں لیتا، "
            "پہلی بار اکثر ایسا ہوتا ہے۔ دوبارہ کوشش ہوگی۔"},
    RowText{row::kRcptRefused,
            "سرور اس وصول کنندہ کو نہیں مانتا: پتہ موجود "
            "نہیں، یا یہاں سے ای میل نہیں لیتا۔"},
    RowText{row::kRcptClosed,
            "سرور نے وصول کنندہ پر رابطہ بند کر دیا۔ کسی کو "
            "نہیں بھیجا گیا؛ دوبارہ کوشش ہوگی۔"},
    RowText{row::kDataTemporary,
            "سرور فی الحال ای میل کا متن نہیں لیتا۔ دوبارہ "
            "کوشش ہوگی۔"},
    RowText{row::kDataRefused,
            "سرور نے متن سے پہلے ای میل رد کر دی۔ وجہ جواب میں "
            "ہے۔"},
    RowText{row::kDataDropped,
            "ای میل مکمل ہونے سے پہلے رابطہ ٹوٹ گیا۔ وہاں کچھ "
            "محفوظ نہیں؛ دوبارہ کوشش ہوگی۔"},
    RowText{row::kDotTemporary,
            "سرور نے پوری ای میل لی مگر محفوظ نہ کر سکا۔ "
            "دوبارہ کوشش ہوگی۔"},
    RowText{row::kDotRefused,
            "سرور نے ای میل پڑھ کر رد کر دی، مثلاً سپیم یا بہت "
            "لمبی۔ وجہ جواب میں ہے۔"},
    RowText{row::kDotClosed,
            "سرور ای میل لینے کے بعد بند ہو گیا اور کہا کہ "
            "قبول نہیں کی۔ دوبارہ کوشش ہوگی۔"},
    RowText{row::kDotNoReply,
            "ای میل پوری بھیجی گئی مگر سرور کا جواب کھو گیا۔ "
            "شاید پہنچ گئی ہو؛ دوبارہ بھیجنے پر Message-ID وہی "
            "ہوگا۔"},
    RowText{row::kQuota,
            "اکاؤنٹ فی الحال بھیجنے کی حد کو پہنچ گیا ہے۔ "
            "ترسیل رکی رہے گی؛ کچھ ضائع نہیں ہوگا۔"},
    RowText{row::kRate,
            "ہم سروس کے لیے بہت تیز تھے۔ جتنا وہ کہے اتنا "
            "انتظار ہوگا۔"},
    RowText{row::kProbeRefused,
            "رابطہ اور لاگ اِن ٹھیک ہیں مگر سرور آزمائشی "
            "کمانڈ نہیں مانتا۔ اصل پیغام آزمائیں۔"},
    RowText{row::kHttpAuth,
            "سروس ٹوکن، کلید یا پاس ورڈ نہیں مانتی۔ جانچیں یا "
            "نیا بنائیں۔"},
    RowText{row::kHttpRefused,
            "سروس نے یہ پیغام مستقل طور پر رد کر دیا۔ وجہ جواب "
            "میں ہے۔"},
    RowText{row::kHttpNotFound,
            "اس پتے پر کچھ نہیں: ویب ہُک حذف ہو چکا ہے یا پتہ "
            "غلط ہے۔"},
    RowText{row::kHttpServer, "سروس میں خود خرابی ہے۔ دوبارہ کوشش ہوگی۔"},
    RowText{row::kHttpTooLong, "پیغام سروس کے لیے بہت لمبا ہے۔"},
    RowText{row::kHttpRedirect,
            "سروس کسی اور پتے کی طرف بھیجتی ہے، جس پر ہم نہیں "
            "جاتے۔ نیا پتہ خود لکھیں۔"},
    RowText{row::kHttpNoAnswer,
            "پیغام بھیجا گیا مگر جواب کھو گیا۔ شاید پہنچ گیا "
            "ہو؛ دوبارہ بھیجنے پر کلید وہی ہوگی۔"},
    RowText{row::kHttpDropped,
            "پیغام مکمل ہونے سے پہلے رابطہ ٹوٹ گیا۔ کچھ نہیں "
            "بھیجا گیا؛ دوبارہ کوشش ہوگی۔"},
    RowText{row::kHttpGarbled,
            "جواب دینے والا یہ سروس نہیں: شاید نیٹ ورک کا "
            "پورٹل یا غلط پتہ۔"},
    RowText{row::kChatUnknown,
            "ایسی کوئی چیٹ نہیں، یا بوٹ اس میں نہیں۔ پہلے بوٹ "
            "کو لکھیں یا گروپ میں شامل کریں۔"},
    RowText{row::kChatBlocked,
            "وہاں بوٹ کو بلاک یا خارج کر دیا گیا ہے۔ اسے بحال "
            "کریں یا دوبارہ شامل کریں۔"},
    RowText{row::kOctets,
            "خود پیغام بھیجنے کے قابل شکل میں نہیں۔ یہ "
            "پروگرام یا سانچے کی خرابی ہے۔"},
    RowText{row::kPickupFolder,
            "ڈائریکٹری موجود نہیں، یا fastrsi اس میں لکھ نہیں "
            "سکتا۔"},
    RowText{row::kPickupFull, "ڈسک بھر گئی ہے۔ دوبارہ کوشش ہوگی۔"},
    RowText{row::kPickupWrite, "فائل لکھی نہ جا سکی۔ وجہ جواب میں ہے۔"},
    RowText{row::kExecMissing, "پروگرام موجود نہیں، یا چلایا نہیں جا سکتا۔"},
    RowText{row::kExecFailed, "پروگرام ناکام رہا۔ دوبارہ چلایا جائے گا۔"},
    RowText{row::kExecRefused,
            "پروگرام کہتا ہے کہ یہ پیغام اس کے کام کا نہیں۔ اس "
            "کے لیے دوبارہ نہیں چلے گا۔"},
    RowText{row::kExecTimeout,
            "پروگرام نے بہت دیر لگائی اور بند کر دیا گیا۔ اسے "
            "تیز کریں یا timeout بڑھائیں۔"},
    RowText{row::kExecKilled,
            "پروگرام کو نظام کے سگنل نے بند کر دیا۔ دوبارہ "
            "چلایا جائے گا۔"},
    RowText{row::kDesktopNoBus,
            "یہاں ڈیسک ٹاپ سیشن کی D-Bus نہیں۔ پروگرام اسی صارف "
            "کے طور پر چلے جو اسکرین کے سامنے ہے۔"},
    RowText{row::kDesktopNoService,
            "یہاں اطلاعات دکھانے والا کوئی نہیں۔ کوئی سروس "
            "نصب کریں، مثلاً dunst۔"},
    RowText{row::kDesktopRefused, "ڈیسک ٹاپ نے یہ اطلاع رد کر دی۔ وجہ جواب میں ہے۔"},
    RowText{row::kDesktopTimeout, "ڈیسک ٹاپ جواب نہیں دیتا۔ شاید اطلاع دکھا دی ہو۔"},
};

constexpr std::array kUrduHints{
    HintText{Hint::AppPassword,
             "یہ سروس ایپ پاس ورڈ (app password) چاہتی ہے جو اکاؤنٹ "
             "کی سیکیورٹی ترتیبات میں بنتا ہے، اکاؤنٹ کا اپنا "
             "پاس ورڈ نہیں۔"},
    HintText{Hint::OAuth,
             "یہ سروس OAuth چاہتی ہے: auth = \"xoauth2\" اور ایسی کمانڈ جو "
             "ٹوکن چھاپے۔"},
    HintText{Hint::QuotaOfDay,
             "یہ سروس 24 گھنٹوں میں تقریباً 500 وصول کنندگان "
             "لیتی ہے۔"},
    HintText{Hint::Unknown, "اس کی یہاں کوئی وضاحت نہیں۔"},
};

}  // namespace

std::span<const RowText> row_texts_ur() {
  return kUrduRows;
}

std::span<const HintText> hint_texts_ur() {
  return kUrduHints;
}

}  // namespace fastrsi::transport
