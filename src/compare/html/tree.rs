//! A tree of elements and texts, as html5ever's tree builder makes it.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::mem;
use std::rc::{Rc, Weak};

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ExpandedName, QualName, local_name, ns};

use super::bounds::{Bounds, DEEPEST};

/// A node; cloning gives another handle to the same one.
#[derive(Clone)]
pub(super) struct Node(Rc<Inner>);

struct Inner {
    /// Empty unless it is an element.
    name: QualName,
    data: Data,
    /// Whether the server loses it, so that it is not written.
    is_lost: Cell<bool>,
    parent: RefCell<Option<Weak<Inner>>>,
    children: RefCell<Vec<Node>>,
}

/// What a node is.
pub(super) enum Data {
    /// The whole fragment, or a node that is never written.
    Other,
    /// An element, with its attributes.
    Element(RefCell<Vec<Attribute>>),
    /// Characters.
    Text(RefCell<String>),
}

impl Node {
    fn new(data: Data) -> Self {
        Self::named(QualName::new(None, ns!(), local_name!("")), data)
    }

    fn named(name: QualName, data: Data) -> Self {
        let (parent, children) = (RefCell::default(), RefCell::default());
        Self(Rc::new(Inner { name, data, is_lost: Cell::new(false), parent, children }))
    }

    /// Returns an element's name.
    pub(super) fn name(&self) -> &str {
        &self.0.name.local
    }

    /// Returns what the node is.
    pub(super) fn data(&self) -> &Data {
        &self.0.data
    }

    /// Returns the children, in order.
    pub(super) fn children(&self) -> Ref<'_, Vec<Node>> {
        self.0.children.borrow()
    }

    /// Returns whether the server loses the node.
    pub(super) fn is_lost(&self) -> bool {
        self.0.is_lost.get()
    }

    fn is(&self, other: &Node) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    fn parent(&self) -> Option<Node> {
        self.0.parent.borrow().as_ref()?.upgrade().map(Node)
    }

    /// Returns the parent and the place among its children.
    fn place(&self) -> Option<(Node, usize)> {
        let parent = self.parent()?;
        // The child is nearly always at the end.
        let at = parent.children().iter().rposition(|child| child.is(self))?;
        Some((parent, at))
    }

    /// Returns how many elements contain the node, up to the limit.
    fn depth(&self) -> usize {
        let mut depth = 0;
        let mut above = self.parent();
        while let Some(node) = above.filter(|_| depth <= DEEPEST) {
            depth += 1;
            above = node.parent();
        }
        depth
    }

    fn detach(&self) {
        if let Some((parent, at)) = self.place() {
            parent.0.children.borrow_mut().remove(at);
        }
        self.0.parent.replace(None);
        // A node is lost only because of its place; elsewhere the server keeps it.
        self.0.is_lost.set(false);
    }

    /// Inserts a child before the one at `at`; text joins a text right before it.
    fn insert(&self, at: usize, child: NodeOrText<Node>) {
        let node = match child {
            NodeOrText::AppendText(text) => {
                let before = at.checked_sub(1).and_then(|at| self.children().get(at).cloned());
                if let Some(Data::Text(own)) = before.as_ref().map(Node::data) {
                    own.borrow_mut().push_str(&text);
                    return;
                }
                Node::new(Data::Text(RefCell::new(text.to_string())))
            }
            NodeOrText::AppendNode(node) => {
                node.detach();
                node
            }
        };
        node.0.parent.replace(Some(Rc::downgrade(&self.0)));
        let mut children = self.0.children.borrow_mut();
        let at = at.min(children.len());
        children.insert(at, node);
    }

    fn push(&self, child: NodeOrText<Node>) {
        let at = self.children().len();
        self.insert(at, child);
    }
}

/// Drops a deep tree without recursion.
impl Drop for Inner {
    fn drop(&mut self) {
        let mut nodes = mem::take(self.children.get_mut());
        while let Some(node) = nodes.pop() {
            // A node that the parser still holds keeps its children.
            if Rc::strong_count(&node.0) == 1 {
                nodes.append(&mut node.0.children.borrow_mut());
            }
        }
    }
}

/// Builds the tree of a fragment.
pub(super) struct Tree {
    document: Node,
    bounds: Rc<Bounds>,
}

impl Tree {
    /// Starts a tree that reports its size to the bounds.
    pub(super) fn new(bounds: Rc<Bounds>) -> Self {
        Self { document: Node::new(Data::Other), bounds }
    }
}

impl TreeSink for Tree {
    type Handle = Node;
    type Output = Node;
    type ElemName<'a> = ExpandedName<'a>;

    /// Returns the `html` element whose children are the fragment.
    fn finish(self) -> Node {
        let root = self.document.children().first().cloned();
        root.unwrap_or_else(|| self.document.clone())
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Node {
        self.document.clone()
    }

    fn elem_name<'a>(&'a self, target: &'a Node) -> ExpandedName<'a> {
        target.0.name.expanded()
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> Node {
        self.bounds.count_element();
        Node::named(name, Data::Element(RefCell::new(attrs)))
    }

    fn create_comment(&self, _: StrTendril) -> Node {
        Node::new(Data::Other)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Node {
        Node::new(Data::Other)
    }

    fn append(&self, parent: &Node, child: NodeOrText<Node>) {
        self.bounds.note_depth(parent.depth());
        parent.push(child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Node,
        previous: &Node,
        child: NodeOrText<Node>,
    ) {
        // HTML puts such content before its table, or into the previous element without a table.
        if element.parent().is_some() {
            self.append_before_sibling(element, child);
        } else {
            previous.push(child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Node) -> Node {
        target.clone()
    }

    fn same_node(&self, one: &Node, other: &Node) -> bool {
        one.is(other)
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Node, child: NodeOrText<Node>) {
        // Detached first: the place changes when the node comes from the same parent.
        if let NodeOrText::AppendNode(node) = &child {
            node.detach();
        }
        let Some((parent, at)) = sibling.place() else { return };
        self.bounds.note_depth(parent.depth());
        // The parser moves content of a table that is not in a cell before the table. Where the
        // table is outermost, html5lib loses an element there, and the texts right behind it
        // (bleach 6.4, compared on 2026-11-28).
        let before = at.checked_sub(1).and_then(|at| parent.children().get(at).cloned());
        let follows_a_lost_one = before.is_some_and(|node| node.is_lost());
        let is_element = matches!(child, NodeOrText::AppendNode(_));
        let n_before = parent.children().len();
        parent.insert(at, child);
        let is_new = parent.children().len() > n_before;
        let is_outermost = parent.parent().is_some_and(|above| above.is(&self.document));
        if is_new && is_outermost && (is_element || follows_a_lost_one) {
            let inserted = parent.children().get(at).cloned();
            if let Some(node) = inserted {
                node.0.is_lost.set(true);
            }
        }
    }

    fn add_attrs_if_missing(&self, target: &Node, attrs: Vec<Attribute>) {
        let Data::Element(own) = target.data() else { return };
        let mut own = own.borrow_mut();
        for attribute in attrs {
            if !own.iter().any(|known| known.name == attribute.name) {
                own.push(attribute);
            }
        }
    }

    fn remove_from_parent(&self, target: &Node) {
        target.detach();
    }

    fn reparent_children(&self, node: &Node, new_parent: &Node) {
        let children = mem::take(&mut *node.0.children.borrow_mut());
        for child in &children {
            child.0.parent.replace(Some(Rc::downgrade(&new_parent.0)));
        }
        new_parent.0.children.borrow_mut().extend(children);
    }
}
