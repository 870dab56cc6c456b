//! How the modules of `src/` depend on each other: every path in `use` items and in code, macros included, names one module that
//! another depends on. Imports point down, and nowhere do they go round in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::project::Project;

/// Who may import whom, from the top down: each layer itself and those below.
const LAYERS: [(&str, &[&str]); 4] = [
    ("js", &["js", "client", "web", "core"]),
    ("client", &["client", "web", "core"]),
    ("web", &["web", "core"]),
    ("core", &["core"]),
];

/// A module by its path from the crate's root, which is empty.
type Module = Vec<String>;

/// What each module depends on.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// The modules of the files in `sources`, by the paths of the files from `src/` on.
fn imports(sources: &BTreeMap<String, String>) -> Imports {
    let files: BTreeMap<Module, syn::File> = sources
        .iter()
        .map(|(path, source)| {
            (module_of(path), syn::parse_file(source).unwrap_or_else(|error| panic!("{path}: {error}")))
        })
        .collect();
    let for_tests: Vec<Module> = files.iter().flat_map(|(module, file)| test_modules(module, &file.items)).collect();
    let modules: BTreeSet<Module> =
        files.keys().filter(|module| !for_tests.iter().any(|tests| module.starts_with(tests))).cloned().collect();
    modules
        .iter()
        .map(|module| {
            let mut paths = Paths { scope: module.clone(), found: Vec::new() };
            paths.visit_file(&files[module]);
            let found = paths.found.iter().filter_map(|(scope, path)| resolved(&modules, scope, path));
            (module.clone(), found.filter(|other| other != module).collect())
        })
        .collect()
}

fn module_of(path: &str) -> Module {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Module::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// The modules in files of their own that exist in tests only.
fn test_modules(module: &Module, items: &[syn::Item]) -> Vec<Module> {
    let mut found = Vec::new();
    for item in items {
        if let syn::Item::Mod(inner) = item
            && is_for_tests(&inner.attrs)
        {
            found.push([module.as_slice(), &[inner.ident.to_string()]].concat());
        }
    }
    found
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        _ => false,
    })
}

/// The module that a path leads to: itself, or the one whose item it names. `None` for paths into other crates and to names in
/// scope.
fn resolved(modules: &BTreeSet<Module>, scope: &Module, path: &[String]) -> Option<Module> {
    let mut at = scope.clone();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => {
            at.clear();
            rest = &path[1..];
        }
        "self" => rest = &path[1..],
        "super" => {}
        // A module that is declared here may be named without `self`.
        child => {
            let is_child = modules.contains(&[scope.as_slice(), &[child.to_owned()]].concat());
            return is_child.then(|| deepest(modules, scope.clone(), path));
        }
    }
    while rest.first().is_some_and(|name| name == "super") {
        at.pop();
        rest = &rest[1..];
    }
    Some(deepest(modules, at, rest))
}

fn deepest(modules: &BTreeSet<Module>, mut at: Module, path: &[String]) -> Module {
    // A module inside of a file is that file's.
    while !modules.contains(&at) {
        at.pop();
    }
    for name in path {
        at.push(name.clone());
        if !modules.contains(&at) {
            at.pop();
            break;
        }
    }
    at
}

/// All paths of more than one name, each with the module that it stands in.
struct Paths {
    scope: Module,
    found: Vec<(Module, Vec<String>)>,
}

impl Paths {
    /// A name alone may be anything in scope, and leads nowhere else.
    fn push(&mut self, path: Vec<String>) {
        if path.len() > 1 {
            self.found.push((self.scope.clone(), path));
        }
    }

    fn push_use(&mut self, tree: &syn::UseTree, mut before: Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.push_use(&path.tree, before);
            }
            syn::UseTree::Name(syn::UseName { ident, .. }) | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                before.push(ident.to_string());
                self.push(before);
            }
            syn::UseTree::Glob(_) => {
                before.push("*".to_owned());
                self.push(before);
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.push_use(item, before.clone())),
        }
    }

    /// Macros are given tokens, which may be anything: whatever looks like a path in them counts as one.
    fn push_tokens(&mut self, tokens: TokenStream) {
        let mut path = Vec::new();
        let mut colons = 0;
        for token in tokens {
            if matches!(&token, TokenTree::Punct(sign) if sign.as_char() == ':') {
                colons += 1;
                continue;
            }
            let goes_on = colons == 2 && matches!(token, TokenTree::Ident(_));
            colons = 0;
            if !goes_on {
                self.push(std::mem::take(&mut path));
            }
            match token {
                TokenTree::Ident(name) => path.push(name.to_string()),
                TokenTree::Group(group) => self.push_tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
        self.push(path);
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if is_for_tests(&module.attrs) {
            return;
        }
        if module.content.is_some() {
            self.scope.push(module.ident.to_string());
            visit::visit_item_mod(self, module);
            self.scope.pop();
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.push_use(&item.tree, Vec::new());
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.push_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

/// The modules that depend on each other, each circle once.
fn circles(imports: &Imports) -> Vec<Vec<Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        imports.keys().map(|module| (module, all_below(imports, module))).collect();
    let mut found: Vec<Vec<Module>> = Vec::new();
    for module in imports.keys() {
        let circle: Vec<Module> = reached[module]
            .iter()
            .filter(|other| reached[**other].contains(module))
            .map(|other| (*other).clone())
            .collect();
        if !circle.is_empty() && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

fn all_below<'a>(imports: &'a Imports, module: &'a Module) -> BTreeSet<&'a Module> {
    let mut found = BTreeSet::new();
    let mut next = vec![module];
    while let Some(module) = next.pop() {
        next.extend(imports[module].iter().filter(|other| found.insert(*other)));
    }
    found
}

/// Imports of what stands above.
fn upward(imports: &Imports) -> Vec<String> {
    let mut found = Vec::new();
    for (module, others) in imports {
        let Some(layer) = module.first() else { continue };
        let allowed = LAYERS.iter().find(|(name, _)| name == layer).map(|(_, allowed)| *allowed);
        for other in others {
            let below = other.first().zip(allowed).is_some_and(|(other, allowed)| allowed.contains(&other.as_str()));
            if !below {
                found.push(format!("{} imports {}", shown(module), shown(other)));
            }
        }
    }
    found
}

fn shown(module: &Module) -> String {
    ["crate"].into_iter().chain(module.iter().map(String::as_str)).collect::<Vec<_>>().join("::")
}

/// All files below a folder, by their paths from there on.
fn files_below(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            files_below(&entry.path(), &format!("{path}/"), found);
        } else {
            found.push(path);
        }
    }
}

fn files_of_the_crate() -> (std::path::PathBuf, Vec<String>) {
    let folder = Project::find().unwrap().root.join("src");
    let mut files = Vec::new();
    files_below(&folder, "", &mut files);
    (folder, files)
}

#[test]
fn no_modules_of_the_crate_import_each_other_and_imports_point_down() {
    let (folder, files) = files_of_the_crate();
    let sources = files.into_iter().filter(|file| file.ends_with(".rs"));
    let sources = sources.map(|file| (file.clone(), fs::read_to_string(folder.join(file)).unwrap())).collect();
    let imports = imports(&sources);
    assert!(imports.len() > 40 && imports.values().map(BTreeSet::len).sum::<usize>() > 150, "{imports:?}");
    let circles: Vec<Vec<String>> = circles(&imports).iter().map(|circle| circle.iter().map(shown).collect()).collect();
    assert!(circles.is_empty(), "these depend on each other: {circles:#?}");
    assert_eq!(upward(&imports), [""; 0]);
}

#[test]
fn the_crate_is_rust_and_the_types_for_javascript() {
    let (_, files) = files_of_the_crate();
    let others: Vec<_> = files.iter().filter(|file| !file.ends_with(".rs")).collect();
    assert_eq!(others, ["js/types.d.ts"]);
}

mod tests {
    use super::*;

    fn imports_of<const N: usize>(sources: [(&str, &str); N]) -> Imports {
        imports(&sources.into_iter().map(|(path, source)| (path.to_owned(), source.to_owned())).collect())
    }

    fn names_of(imports: &Imports, module: &str) -> Vec<String> {
        imports[&module_of(module)].iter().map(shown).collect()
    }

    #[test]
    fn a_path_names_a_module_wherever_it_stands() {
        let imports = imports_of([
            ("lib.rs", "mod web; mod core; pub use web::Web;"),
            ("web/mod.rs", "pub mod a; pub mod b; pub use self::a::A as Web;"),
            ("web/a.rs", "use super::b::{self, B}; use std::fmt; fn f() { println!(\"{}\", crate::core::x::X) }"),
            ("web/b.rs", "fn f(x: crate::core::Y<u8>) { mod inner { use super::super::a::A; } }"),
            ("core/mod.rs", "pub mod x;"),
            ("core/x.rs", "#[cfg(test)] mod tests { use crate::web::a::A; } #[cfg(test)] use crate::web::b;"),
        ]);
        assert_eq!(names_of(&imports, "lib.rs"), ["crate::web"]);
        assert_eq!(names_of(&imports, "web/mod.rs"), ["crate::web::a"]);
        assert_eq!(names_of(&imports, "web/a.rs"), ["crate::core::x", "crate::web::b"]);
        assert_eq!(names_of(&imports, "web/b.rs"), ["crate::core", "crate::web::a"]);
        assert_eq!(names_of(&imports, "core/x.rs"), [""; 0]);
    }

    #[test]
    fn circles_are_found_through_any_number_of_modules_and_through_re_exports() {
        let imports = imports_of([
            ("lib.rs", "mod client;"),
            ("client/mod.rs", "mod a; mod b; mod c; mod d; pub use d::D;"),
            ("client/a.rs", "use super::b::B;"),
            ("client/b.rs", "fn f() { crate::client::c::g() }"),
            ("client/c.rs", "use super::a;"),
            ("client/d.rs", "use super::D as Myself;"),
        ]);
        let found: Vec<Vec<String>> =
            circles(&imports).iter().map(|circle| circle.iter().map(shown).collect()).collect();
        assert_eq!(
            found,
            [
                vec!["crate::client", "crate::client::d"],
                vec!["crate::client::a", "crate::client::b", "crate::client::c"]
            ]
        );
    }

    #[test]
    fn what_points_up_is_named() {
        let imports = imports_of([
            ("lib.rs", "mod core; mod web; mod other; pub struct Root;"),
            ("core/mod.rs", "use crate::web::X; use crate::Root;"),
            ("web/mod.rs", "use crate::core::Y;"),
            ("other.rs", "use crate::core::Z;"),
        ]);
        let named = ["crate::core imports crate", "crate::core imports crate::web", "crate::other imports crate::core"];
        assert_eq!(upward(&imports), named);
    }
}
