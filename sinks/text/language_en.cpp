// English.
#include "sinks/text/language.hpp"

namespace fastrsi {

const Lexicon kEnglish{
    .right_to_left = false,
    .signals = {{
        {"Buy signal", "Buy signal", "Buy signal"},
        {"Sell signal", "Sell signal", "Sell signal"},
        {"Overbought", "Overbought", "Overbought"},
        {"Oversold", "Oversold", "Oversold"},
        {"RSI rising trend", "RSI rising trend", "RSI rising trend"},
        {"RSI falling trend", "RSI falling trend", "RSI falling trend"},
        {"Positive phase change (cross above middle line)",
         "Positive phase change (cross above middle line)",
         "Positive phase change (cross above middle line)"},
        {"Negative phase change (cross below middle line)",
         "Negative phase change (cross below middle line)",
         "Negative phase change (cross below middle line)"},
    }},
    .prefix = "Alert",
    .units = {{
        {"second", "seconds"},
        {"minute", "minutes"},
        {"hour", "hours"},
        {"day", "days"},
        {"week", "weeks"},
        {"month", "months"},
    }},
    .stages = {"provisional", "confirmed", "retracted"},
    .qualities = {"complete", "with a gap", "late", "repaired", "partial"},
    .reasons = {"first load", "scan"},
    .symbol = "Symbol",
    .price = "Price",
    .rsi = "RSI",
    .time = "Time",
    .timeframe = "Timeframe",
    .and_more = "and {} more",
    .symbols = {"{} symbol", "{} symbols"},
    .native = {U'0', ".", ",", "%"},
};

}  // namespace fastrsi
