//! The tree into which html5ever nests elements and texts, with all nodes in one list.
//!
//! Content of a table outside its cells moves before the table. If that table is an outermost
//! element, the server loses such an element with all its content, and the texts that move after it
//! (html5lib 1.1 as in bleach 6.4, seen on 2026-11-23); this tree does the same.
//!
//! Deliberately absent: documents, templates, scripts and forms, which no kept tag makes.

use html5ever::interface::tree_builder::ElemName;
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, LocalName, Namespace, QualName};
use std::borrow::Cow;
use std::cell::RefCell;

/// A fragment of HTML; its outermost nodes are the children of the `<html>` in the document.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    n_tokens: usize,
    is_tangled: bool,
}

/// The deepest nesting, and the most elements for each token, with a fixed number besides: beyond
/// these the time to nest elements grows with the square of the text.
const DEEPEST: usize = 256;
const ELEMENTS: (usize, usize) = (8, 1000);

#[derive(Debug)]
struct Node {
    parent: Option<usize>,
    children: Vec<usize>,
    kind: Kind,
    fate: Fate,
}

/// Whether a node is written with the tree.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Kept,
    Lost,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Kind {
    /// The document itself.
    Document,
    /// An element with its attributes in the order of the text.
    Element(QualName, Vec<Attribute>),
    /// Characters; two texts are never neighbours.
    Text(String),
    /// A comment, whose text is not kept.
    Comment,
}

/// The document's place in the list of nodes.
const DOCUMENT: usize = 0;

impl Tree {
    /// Returns the outermost nodes, in order.
    pub(super) fn roots(&self) -> impl DoubleEndedIterator<Item = usize> {
        let outermost = self.html().map_or(&[][..], |html| self.children(html));
        outermost.iter().copied().filter(|node| self.nodes[*node].fate == Fate::Kept)
    }

    fn html(&self) -> Option<usize> {
        self.nodes[DOCUMENT].children.first().copied()
    }

    /// Returns what is inside a node, in order.
    pub(super) fn children(&self, node: usize) -> &[usize] {
        &self.nodes[node].children
    }

    /// Returns what a node is.
    pub(super) fn kind(&self, node: usize) -> &Kind {
        &self.nodes[node].kind
    }

    /// Returns whether the text nests too deep or makes too many elements.
    pub(super) fn is_tangled(&self) -> bool {
        self.is_tangled
    }

    /// Marks the tree as tangled if a child of this node would be too deep.
    fn note_depth(&mut self, mut parent: usize) {
        for _ in 0..DEEPEST {
            match self.nodes[parent].parent {
                Some(above) => parent = above,
                None => return,
            }
        }
        self.is_tangled = true;
    }

    fn add(&mut self, kind: Kind) -> usize {
        let (each, more) = ELEMENTS;
        // Unclosed formatting opens again in each block, so few tokens can make many elements.
        self.is_tangled |= self.nodes.len() > self.n_tokens * each + more;
        self.nodes.push(Node { parent: None, children: Vec::new(), kind, fate: Fate::Kept });
        self.nodes.len() - 1
    }

    fn detach(&mut self, node: usize) {
        // A lost node that moves on to another place is written there.
        self.nodes[node].fate = Fate::Kept;
        if let Some(parent) = self.nodes[node].parent.take() {
            let children = &mut self.nodes[parent].children;
            // The child is nearly always at the end.
            if let Some(at) = children.iter().rposition(|child| *child == node) {
                children.remove(at);
            }
        }
    }

    /// Inserts a node or a text into `parent` as its child number `index`; returns a new child.
    fn insert(&mut self, parent: usize, index: usize, child: NodeOrText<usize>) -> Option<usize> {
        let node = match child {
            NodeOrText::AppendNode(node) => node,
            NodeOrText::AppendText(text) => {
                if self.joins_text_before(parent, index, &text) {
                    return None;
                }
                self.add(Kind::Text(text.to_string()))
            }
        };
        self.nodes[node].parent = Some(parent);
        self.nodes[parent].children.insert(index, node);
        Some(node)
    }

    fn joins_text_before(&mut self, parent: usize, index: usize, text: &str) -> bool {
        let Some(before) = self.child_before(parent, index) else { return false };
        let Kind::Text(known) = &mut self.nodes[before].kind else { return false };
        known.push_str(text);
        true
    }

    fn child_before(&self, parent: usize, index: usize) -> Option<usize> {
        index.checked_sub(1).map(|at| self.nodes[parent].children[at])
    }

    fn append(&mut self, parent: usize, child: NodeOrText<usize>) {
        self.detach_if_node(&child);
        self.note_depth(parent);
        self.insert(parent, self.nodes[parent].children.len(), child);
    }

    fn insert_before(&mut self, sibling: usize, child: NodeOrText<usize>) {
        self.detach_if_node(&child);
        let Some(parent) = self.nodes[sibling].parent else { return };
        self.note_depth(parent);
        let siblings = &self.nodes[parent].children;
        let index = siblings.iter().rposition(|node| *node == sibling).unwrap_or(siblings.len());
        let Some(node) = self.insert(parent, index, child) else { return };
        // A text is lost only after a lost element, an element always.
        let follows_a_lost_one = self
            .child_before(parent, index)
            .is_some_and(|before| self.nodes[before].fate == Fate::Lost);
        let is_element = matches!(self.nodes[node].kind, Kind::Element(..));
        if self.html() == Some(parent) && (is_element || follows_a_lost_one) {
            self.nodes[node].fate = Fate::Lost;
        }
    }

    fn detach_if_node(&mut self, child: &NodeOrText<usize>) {
        if let NodeOrText::AppendNode(node) = child {
            self.detach(*node);
        }
    }
}

/// Makes a [`Tree`] from what the tree builder of html5ever asks for.
#[derive(Debug)]
pub(super) struct TreeMaker(RefCell<Tree>);

impl Default for TreeMaker {
    fn default() -> Self {
        let mut tree = Tree { nodes: Vec::new(), n_tokens: 0, is_tangled: false };
        tree.add(Kind::Document);
        Self(RefCell::new(tree))
    }
}

impl TreeMaker {
    /// Counts a token and returns whether it is still worth reading.
    pub(super) fn admits_token(&self) -> bool {
        let mut tree = self.0.borrow_mut();
        tree.n_tokens += 1;
        !tree.is_tangled
    }
}

/// The name of an element; of no element when asked for a node of another kind.
#[derive(Debug)]
pub(super) struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl TreeSink for TreeMaker {
    type Handle = usize;
    type Output = Tree;
    type ElemName<'a> = Name;

    fn finish(self) -> Tree {
        self.0.into_inner()
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        DOCUMENT
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Name {
        Name(match &self.0.borrow().nodes[*target].kind {
            Kind::Element(name, _) => name.clone(),
            Kind::Document | Kind::Text(_) | Kind::Comment => {
                QualName::new(None, Namespace::default(), LocalName::default())
            }
        })
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> usize {
        self.0.borrow_mut().add(Kind::Element(name, attrs))
    }

    fn create_comment(&self, _text: StrTendril) -> usize {
        self.0.borrow_mut().add(Kind::Comment)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> usize {
        self.0.borrow_mut().add(Kind::Comment)
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        self.0.borrow_mut().append(*parent, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &usize,
        prev_element: &usize,
        child: NodeOrText<usize>,
    ) {
        let mut tree = self.0.borrow_mut();
        match tree.nodes[*element].parent {
            Some(_) => tree.insert_before(*element, child),
            // A table that was removed from the tree has no place to put content before.
            None => tree.append(*prev_element, child),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &usize) -> usize {
        *target
    }

    fn same_node(&self, x: &usize, y: &usize) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &usize, new_node: NodeOrText<usize>) {
        self.0.borrow_mut().insert_before(*sibling, new_node);
    }

    fn add_attrs_if_missing(&self, target: &usize, attrs: Vec<Attribute>) {
        if let Kind::Element(_, known) = &mut self.0.borrow_mut().nodes[*target].kind {
            for attr in attrs {
                if known.iter().all(|other| other.name != attr.name) {
                    known.push(attr);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        self.0.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        let mut tree = self.0.borrow_mut();
        let children = std::mem::take(&mut tree.nodes[*node].children);
        for child in &children {
            tree.nodes[*child].parent = Some(*new_parent);
        }
        tree.nodes[*new_parent].children.extend(children);
    }
}
