//! The table of docs/errors.md, made of `Code` in src/core/error.rs: when each code comes is its doc comment, what it says its
//! advice.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use syn::{Expr, ImplItem, Item, Lit, Pat, Stmt};

const BEGIN: &str = "<!-- table: written by the test, EXTRACTA_UPDATE_DOCS=1 cargo test --package=xtask errors -->";
const END: &str = "<!-- end of the table -->";

/// Only Rust callers can meet it, and docs/rust.md names it: JavaScript callers get the thrown value itself.
const FOR_RUST_ONLY: &str = "Thrown";

/// The source has the sentence for Rust callers only.
const SAYS_WHAT_IS_MISSING: &str = "It names what is missing, and what to do on this platform.";

struct Code {
    variant: String,
    when: String,
    name: String,
    advice: String,
    is_transient: bool,
}

/// What the source says of each code, in its order.
fn codes(source: &str) -> Vec<Code> {
    let file = syn::parse_file(source).unwrap();
    let (mut variants, mut names, mut advice, mut transient) = (vec![], BTreeMap::new(), BTreeMap::new(), vec![]);
    for item in &file.items {
        match item {
            Item::Enum(item) if item.ident == "Code" => {
                variants =
                    item.variants.iter().map(|variant| (variant.ident.to_string(), doc(&variant.attrs))).collect();
            }
            Item::Impl(item) if item.trait_.is_none() => {
                for member in &item.items {
                    match member {
                        ImplItem::Fn(function) if function.sig.ident == "as_str" => names = arms(function),
                        ImplItem::Fn(function) if function.sig.ident == "advice" => advice = arms(function),
                        ImplItem::Const(list) if list.ident == "TRANSIENT" => {
                            let Expr::Array(list) = &list.expr else { panic!("TRANSIENT is no list") };
                            transient = list.elems.iter().map(variant_of_path).collect();
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    let code = |(variant, when): (String, String)| Code {
        name: names[&variant].clone(),
        advice: advice[&variant].clone(),
        is_transient: transient.contains(&variant),
        variant,
        when,
    };
    variants.into_iter().map(code).collect()
}

fn doc(attributes: &[syn::Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let named = attribute.meta.require_name_value().ok().filter(|named| named.path.is_ident("doc"))?;
        text(&named.value)
    });
    lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>().join(" ")
}

/// What a function gives for each variant: one `match` of string literals.
fn arms(function: &syn::ImplItemFn) -> BTreeMap<String, String> {
    let [Stmt::Expr(Expr::Match(choice), _)] = &function.block.stmts[..] else {
        panic!("{} is no match", function.sig.ident)
    };
    choice
        .arms
        .iter()
        .map(|arm| {
            let Pat::Path(pattern) = &arm.pat else { panic!("an arm of {} is for no one variant", function.sig.ident) };
            (pattern.path.segments.last().unwrap().ident.to_string(), text(&arm.body).expect("an arm gives no text"))
        })
        .collect()
}

fn variant_of_path(expression: &Expr) -> String {
    let Expr::Path(path) = expression else { panic!("TRANSIENT lists something else than variants") };
    path.path.segments.last().unwrap().ident.to_string()
}

/// The text of a literal, in a block of its own or not.
fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::Block(block) => match &block.block.stmts[..] {
            [Stmt::Expr(expression, None)] => text(expression),
            _ => None,
        },
        _ => None,
    }
}

fn table(codes: &[Code]) -> String {
    let mut lines = vec![
        "| `code` | when | retried | the message, unless something more exact is known |".to_owned(),
        "|---|---|---|---|".into(),
    ];
    for code in codes.iter().filter(|code| code.variant != FOR_RUST_ONLY) {
        let retried = if code.is_transient { "yes" } else { "no" };
        let says = if code.variant == "Unsupported" { SAYS_WHAT_IS_MISSING } else { &code.advice };
        let [when, advice] = [code.when.as_str(), says].map(|text| text.trim().replace('|', "\\|"));
        lines.push(format!("| `{}` | {when} | {retried} | {advice} |", code.name));
    }
    lines.join("\n")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn the_page_of_errors_has_every_code() {
    let codes = codes(&fs::read_to_string(root().join("src/core/error.rs")).unwrap());
    let page = root().join("docs/errors.md");
    let kept = fs::read_to_string(&page).unwrap();
    let (before, rest) = kept.split_once(BEGIN).unwrap();
    let (_, behind) = rest.split_once(END).unwrap();
    let fresh = format!("{before}{BEGIN}\n\n{}\n\n{END}{behind}", table(&codes));
    if std::env::var_os("EXTRACTA_UPDATE_DOCS").is_some() {
        fs::write(page, fresh).unwrap();
    } else {
        assert_eq!(kept, fresh, "docs/errors.md is stale: run with EXTRACTA_UPDATE_DOCS=1");
    }
}

#[test]
fn the_declarations_for_javascript_have_the_same_codes() {
    let codes = codes(&fs::read_to_string(root().join("src/core/error.rs")).unwrap());
    let types = fs::read_to_string(root().join("src/js/types.d.ts")).unwrap();
    let (_, rest) = types.split_once("export type ErrorCode =").unwrap();
    let (list, _) = rest.split_once(';').unwrap();
    let mut declared: Vec<_> = list.split('"').skip(1).step_by(2).collect();
    let mut ours: Vec<_> =
        codes.iter().filter(|code| code.variant != FOR_RUST_ONLY).map(|code| code.name.as_str()).collect();
    declared.sort_unstable();
    ours.sort_unstable();
    assert_eq!(declared, ours);
}
