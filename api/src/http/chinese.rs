//! The protocol's messages in Chinese. They are made for developers and arise all over, in English, half of them in the
//! framework; here stands what each means, `{}` for what differs. What is not here is told in English behind a Chinese word.

/// What is written in English, and what it means.
const SAID: &[(&str, &str)] = &[
    // HTTP
    (
        "The endpoint answers application/graphql-response+json, application/json or text/event-stream.",
        "接口只返回 application/graphql-response+json、application/json 或 text/event-stream。",
    ),
    ("A POST must have Content-Type: application/json.", "POST 请求的 Content-Type 须为 application/json。"),
    ("The body must be UTF-8.", "请求正文须为 UTF-8 编码。"),
    ("The body is too large.", "请求正文过大。"),
    ("The body cannot be read.", "请求正文无法读取。"),
    ("The body did not arrive in time.", "请求正文未及时送达。"),
    (
        "The Content-Encoding of a body must be gzip, deflate or identity.",
        "请求正文的 Content-Encoding 须为 gzip、deflate 或 identity。",
    ),
    ("GET is for queries only.", "GET 只用于查询。"),
    ("The endpoint takes GET and POST.", "接口只接受 GET 和 POST。"),
    (
        "The answer can be sent as it is, or as gzip or deflate: Accept-Encoding must allow one of them.",
        "应答可以不压缩，或用 gzip、deflate 压缩：Accept-Encoding 须至少允许一种。",
    ),
    (
        "A subscription is answered over text/event-stream or a WebSocket.",
        "订阅须通过 text/event-stream 或 WebSocket。",
    ),
    ("You hold too many connections that go on.", "同时保持的连接过多，请先关闭一些。"),
    ("Log in to ask about the schema.", "登录后方可查询接口定义。"),
    (
        "The session has ended, or acts for another post; log in and subscribe again.",
        "会话已结束或已切换岗位，请重新登录并订阅。",
    ),
    // Parameters
    ("the body is empty", "请求正文为空。"),
    ("the body is not valid JSON", "请求正文不是有效的 JSON。"),
    ("batches are not supported; send one request at a time", "不支持批量请求，请逐个发送。"),
    ("the body must be a JSON object", "请求正文须为 JSON 对象。"),
    ("the query string cannot be read", "查询字符串无法读取。"),
    ("variables must be a JSON object", "variables 须为 JSON 对象。"),
    ("extensions must be a JSON object", "extensions 须为 JSON 对象。"),
    (
        "extensions.persistedQuery must have version 1 and a sha256Hash",
        "extensions.persistedQuery 须有 version 1 和 sha256Hash。",
    ),
    ("send query or documentId, not both", "query 和 documentId 只能发送一个。"),
    ("query is missing", "缺少 query。"),
    ("query must be a string", "query 须为字符串。"),
    ("documentId must be a string", "documentId 须为字符串。"),
    ("operationName must be a string", "operationName 须为字符串。"),
    // Files
    (
        "A POST with files must have the header GraphQL-Require-Preflight.",
        "上传文件的 POST 请求须带请求头 GraphQL-Require-Preflight。",
    ),
    ("The boundary of the form is missing.", "表单缺少分隔标记（boundary）。"),
    ("The part map must be a JSON object.", "表单的 map 部分须为 JSON 对象。"),
    ("There are too many files.", "文件过多。"),
    ("The map names no place for a file.", "map 没有写明文件对应的变量。"),
    ("A file that the map names is missing.", "缺少 map 写明的文件。"),
    ("The form cannot be read.", "表单无法读取。"),
    ("A part of the form is too large.", "表单的一个部分过大。"),
    (
        "The parts of the form must be operations, map and then the files.",
        "表单各部分的次序须为 operations、map、文件。",
    ),
    ("The map must name places in variables that are null.", "map 写明的变量位置须存在且为 null。"),
    // Documents
    ("No manifest has a document with this id.", "已登记的查询中没有这个标识。"),
    ("Only documents of the manifests are answered here.", "本系统只执行已登记的查询。"),
    ("The sha256Hash is not that of the query.", "sha256Hash 与查询语句不符。"),
    ("The operation named in operationName is not in the document.", "查询语句中没有 operationName 所指的操作。"),
    (
        "The document has several operations: name one in operationName.",
        "查询语句中有多个操作，请用 operationName 指明一个。",
    ),
    ("A subscription asks for one field.", "一个订阅只能有一个顶层字段。"),
    ("There can be only one input field named \"{}\".", "输入对象中的字段 {} 重复。"),
    ("\"__typename\" has neither arguments nor fields.", "__typename 没有参数，也没有下级字段。"),
    (
        "Enum \"{}\" cannot represent a text: write {} without quotation marks.",
        "枚举 {} 的值不是字符串：{} 不要加引号。",
    ),
    (
        "Fields \"{}\" conflict because {}. Use different aliases on the fields to fetch both if this was intentional.",
        "结果中的 {} 有冲突：{}。如确需两者，请使用不同的别名。",
    ),
    ("they return conflicting types \"{}\" and \"{}\"", "类型分别为 {} 和 {}"),
    ("\"{}\" and \"{}\" are different fields", "{} 和 {} 是不同的字段"),
    ("they have differing arguments", "参数不同"),
    ("Too many fields have the same key in the answer; use aliases.", "结果中同名的字段过多，请使用别名。"),
    ("Directive \"@{}\" may not be used on a variable.", "变量声明不能带指令 @{}。"),
    ("A list has at most {} entries.", "一个列表最多 {} 项。"),
    ("Variable \"{}\" has too many entries; a list has at most {}.", "变量 {} 的项数过多：一个列表最多 {} 项。"),
    ("The document is too long: at most {} bytes.", "查询语句过长：最多 {} 字节。"),
    (
        "The document asks for too many fields: at most {} after fragments are spread out.",
        "查询的字段过多：片段展开后最多 {} 个。",
    ),
    ("The document has too many aliases: at most {}.", "查询的别名过多：最多 {} 个。"),
    ("The document is nested too deep: at most {} levels.", "查询嵌套过深：最多 {} 层。"),
    ("Too many mutations in one request: at most {}.", "一次请求中的变更操作过多：最多 {} 个。"),
    ("Too many directives in one place: at most {}.", "一处的指令过多：最多 {} 个。"),
    ("A fragment spreads itself.", "片段循环引用自身。"),
    (
        "The question about the schema may come to {} fields: at most {}.",
        "对接口定义的查询可能返回 {} 个字段：最多 {} 个。",
    ),
    (
        "The answer may come to {} fields: at most {}. Ask for smaller pages (`first`) or for less in each row.",
        "结果可能达到 {} 个字段：最多 {} 个。请减小每页条数（first）或每行的字段。",
    ),
    ("At most {} operations go on at once on a connection.", "一个连接上最多同时进行 {} 个操作。"),
    // Variables
    ("Variable \"{}\" must not be null.", "变量 {} 不能为 null。"),
    // Names of types are words of the language, and stay as they are.
    ("Variable \"{}\" got an invalid value; expected ID.", "变量 {} 的值无效，应为 ID。"),
    ("Variable \"{}\" got an invalid value; expected String.", "变量 {} 的值无效，应为 String。"),
    ("Variable \"{}\" got an invalid value; expected Boolean.", "变量 {} 的值无效，应为 Boolean。"),
    ("Variable \"{}\" got an invalid value; expected Float.", "变量 {} 的值无效，应为 Float。"),
    ("Variable \"{}\" got an invalid value; expected {}.", "变量 {} 的值无效，应为{}。"),
    ("Variable \"{}\": field \"{}\" of required type \"{}\" was not provided.", "变量 {} 缺少字段 {}（类型 {}）。"),
    ("Variable \"{}\": {} has no field \"{}\".", "变量 {}：{} 没有字段 {}。"),
    ("Variable \"{}\" of required type \"{}\" was not provided.", "缺少变量 {}（类型 {}）。"),
    ("Variable \"{}\" of type \"{}\" is used where \"{}\" is expected.", "变量 {} 的类型为 {}，而所用之处应为 {}。"),
    ("a 32-bit Int", " 32 位整数 Int"),
    ("a value of {}", " {} 的取值之一"),
    ("exactly one field of {}", " {} 的字段，且恰好一个"),
    ("an object {}", " {} 对象"),
    ("a day as YYYY-MM-DD, from 1900 to 2999", "形如 2026-01-31 的日期，年份为1900至2999"),
    ("a moment as RFC 3339 writes it, such as 2026-01-31T09:00:00+08:00", "形如 2026-01-31T09:00:00+08:00 的时间"),
    // The framework
    ("Unknown field \"{}\" on type \"{}\".{}", "没有字段 {}（类型 {}）。{}"),
    (" Did you mean {}?", "是否指 {}？"),
    ("Unknown argument \"{}\" on field \"{}\" of type \"{}\".{}", "没有参数 {}（字段 {}，类型 {}）。{}"),
    ("Unknown argument \"{}\" on directive \"{}\".{}", "没有参数 {}（指令 {}）。{}"),
    ("Unknown type \"{}\"", "没有类型 {}。"),
    ("Unknown fragment: \"{}\"", "没有片段 {}。"),
    ("Unknown directive \"{}\"", "没有指令 {}。"),
    ("Duplicate directive \"{}\"", "指令 {} 重复。"),
    ("Fragment \"{}\" is never used", "片段 {} 没有用到。"),
    ("Variable \"{}\" is not defined by operation \"{}\"", "没有声明变量 {}（操作 {}）。"),
    ("Variable \"{}\" is not defined", "没有声明变量 {}。"),
    ("Variable \"{}\" is not used by operation \"{}\"", "变量 {} 没有用到（操作 {}）。"),
    ("Variable \"{}\" is not used", "变量 {} 没有用到。"),
    ("There can only be one argument named \"{}\"", "参数 {} 重复。"),
    ("There can only be one variable named \"{}\"", "变量 {} 重复。"),
    (
        "Field \"{}\" argument \"{}\" of type \"{}\" is required but not provided",
        "字段 {} 缺少参数 {}（所在类型 {}）。",
    ),
    ("Field \"{}\" of type \"{}\" must have a selection of subfields", "字段 {}（类型 {}）须选取下级字段。"),
    (
        "Field \"{}\" must not have a selection since type \"{}\" has no subfields",
        "字段 {} 不能选取下级字段（类型 {} 没有）。",
    ),
    ("Invalid value for argument \"{}\", expected type \"{}\"", "参数 {} 的值无效，应为类型 {}。"),
    ("Invalid value for argument {}", "参数值无效：{}"),
    ("\"{}\", field \"{}\" of type \"{}\" is required but not provided", "{} 缺少字段 {}（类型 {}）。"),
    ("Expected input type \"{}\", found {}.", "应为类型 {}，实际为 {}。"),
    ("Failed to parse \"{}\": {}", "{} 无法识别：{}。"),
    ("expected an id that begins with \"{}\"", "应为以 {} 开头的标识"),
    ("expected a day as YYYY-MM-DD", "应为形如 2026-01-31 的日期"),
    ("expected a year from 1900 to 2999", "年份应为1900至2999"),
    ("input is out of range", "超出范围"),
    ("input contains invalid characters", "含有无效字符"),
];

/// What a message means; none if it is not known.
#[must_use]
pub fn meant(message: &str) -> Option<String> {
    SAID.iter().find_map(|(english, chinese)| {
        let differs = differing(english, message)?;
        let mut parts = chinese.split("{}");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(differs) {
            text += &meant(value).unwrap_or_else(|| value.to_owned());
            text += part;
        }
        Some(text)
    })
}

/// What stands in a message where the pattern has `{}`.
fn differing<'m>(pattern: &str, message: &'m str) -> Option<Vec<&'m str>> {
    let mut parts = pattern.split("{}");
    let mut rest = message.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let (value, after) = match (part.is_empty(), last) {
            (true, true) => (rest, ""),
            (_, true) => (rest.strip_suffix(part)?, ""),
            _ => rest.split_once(part)?,
        };
        found.push(value);
        rest = after;
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_with_what_differs() {
        for (message, expected) in [
            ("GET is for queries only.", "GET 只用于查询。"),
            ("The document is too long: at most 65536 bytes.", "查询语句过长：最多 65536 字节。"),
            ("Unknown field \"x\" on type \"Query\".", "没有字段 x（类型 Query）。"),
            (
                "Unknown field \"nod\" on type \"Query\". Did you mean \"node\"?",
                "没有字段 nod（类型 Query）。是否指 \"node\"？",
            ),
            (
                "Variable \"$i\" got an invalid value; expected a value of Burden.",
                "变量 $i 的值无效，应为 Burden 的取值之一。",
            ),
            (
                "Variable \"$a\" of type \"ID\" is used where \"ID!\" is expected.",
                "变量 $a 的类型为 ID，而所用之处应为 ID!。",
            ),
            ("Variable \"$a\" got an invalid value; expected String.", "变量 $a 的值无效，应为 String。"),
            ("Variable \"$a\" got an invalid value; expected a 32-bit Int.", "变量 $a 的值无效，应为 32 位整数 Int。"),
            (
                "Failed to parse \"ID\": expected an id that begins with \"adj_\"",
                "ID 无法识别：应为以 adj_ 开头的标识。",
            ),
        ] {
            assert_eq!(meant(message).as_deref(), Some(expected));
        }
        for unknown in ["", "GET is for queries", "The document is too long: at most"] {
            assert_eq!(meant(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn as_much_differs_in_chinese_as_in_english() {
        for (english, chinese) in SAID {
            assert_eq!(english.matches("{}").count(), chinese.matches("{}").count(), "{english}");
        }
    }
}
