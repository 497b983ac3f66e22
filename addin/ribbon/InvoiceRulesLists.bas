Attribute VB_Name = "InvoiceRulesLists"
Option Explicit

' The entries of the drop-downs, from the list file that Python writes: UTF-8, one line an entry, tabs between
' kind, id, label and * for the one that is chosen. What is in that file is shown and sent back, never run.

Private Const LONGEST_LABEL As Long = 100

Private Shown As Collection ' of each kind, its lines as they stood when Excel last asked how many there are

Public Sub LoadEntries(ByVal kind As String)
    Dim line As Variant, kept As Collection
    Set kept = New Collection
    For Each line In Split(Replace(ReadUtf8(Setting("LISTS")), vbCr, ""), vbLf)
        If IsOfKind(CStr(line), kind) Then kept.Add CStr(line)
    Next line
    If Shown Is Nothing Then Set Shown = New Collection
    On Error Resume Next ' nothing to remove the first time
    Shown.Remove kind
    On Error GoTo 0
    Shown.Add kept, kind
End Sub

' None, where there is no list file to read.
Public Function EntryCount(ByVal kind As String) As Long
    On Error GoTo Missing
    EntryCount = EntriesOf(kind).Count
    Exit Function
Missing:
    EntryCount = 0
End Function

' index counts from 0, as Office does.
Public Function EntryId(ByVal kind As String, ByVal index As Long) As String
    EntryId = Split(EntriesOf(kind).Item(index + 1), vbTab)(1)
End Function

Public Function EntryLabel(ByVal kind As String, ByVal index As Long) As String
    Dim label As String
    label = Split(EntriesOf(kind).Item(index + 1), vbTab)(2)
    If Len(label) > LONGEST_LABEL Then label = Left$(label, LONGEST_LABEL - 3) & "..."
    EntryLabel = label
End Function

Public Function ChosenIndex(ByVal kind As String) As Long
    Dim index As Long, parts As Variant
    ChosenIndex = 0
    For index = 0 To EntryCount(kind) - 1
        parts = Split(EntriesOf(kind).Item(index + 1), vbTab)
        If UBound(parts) >= 3 Then
            If parts(3) = "*" Then ChosenIndex = index
        End If
    Next index
End Function

Private Function EntriesOf(ByVal kind As String) As Collection
    If Not IsLoaded(kind) Then LoadEntries kind ' VBA was reset since Excel asked
    Set EntriesOf = Shown.Item(kind)
End Function

Private Function IsLoaded(ByVal kind As String) As Boolean
    Dim found As Collection
    If Shown Is Nothing Then Exit Function
    On Error Resume Next ' a collection can only be asked by trying
    Set found = Shown.Item(kind)
    IsLoaded = Not found Is Nothing
End Function

Private Function IsOfKind(ByVal line As String, ByVal kind As String) As Boolean
    Dim parts As Variant
    parts = Split(line, vbTab)
    If UBound(parts) >= 2 Then IsOfKind = (parts(0) = kind)
End Function

' Windows brings a reader of UTF-8. VBA's own Open reads in the machine's code page, so on a Mac the bytes are read and decoded here.
Private Function ReadUtf8(ByVal path As String) As String
    #If Mac Then
        Dim number As Integer, bytes() As Byte
        number = FreeFile
        Open path For Binary Access Read As #number
        If LOF(number) > 0 Then
            ReDim bytes(0 To LOF(number) - 1)
            Get #number, , bytes
            ReadUtf8 = DecodedUtf8(bytes)
        End If
        Close #number
    #Else
        Dim stream As Object
        Set stream = CreateObject("ADODB.Stream")
        stream.Type = 2 ' text
        stream.Charset = "utf-8"
        stream.Open
        stream.LoadFromFile path
        ReadUtf8 = stream.ReadText
        stream.Close
    #End If
End Function

Public Function DecodedUtf8(ByRef bytes() As Byte) As String
    Dim at As Long, code As Long, more As Long
    Do While at <= UBound(bytes)
        Select Case bytes(at)
            Case Is < &H80: code = bytes(at): more = 0
            Case Is < &HE0: code = bytes(at) And &H1F: more = 1
            Case Is < &HF0: code = bytes(at) And &HF: more = 2
            Case Else: code = bytes(at) And &H7: more = 3
        End Select
        at = at + 1
        Do While more > 0 And at <= UBound(bytes)
            code = code * &H40 + (bytes(at) And &H3F)
            at = at + 1
            more = more - 1
        Loop
        DecodedUtf8 = DecodedUtf8 & SignOf(code)
    Loop
End Function

' VBA's text is UTF-16: signs past &HFFFF take two.
Private Function SignOf(ByVal code As Long) As String
    If code < &H10000 Then
        SignOf = ChrW(code)
    Else
        SignOf = ChrW(55296 + (code - &H10000) \ 1024) & ChrW(56320 + (code - &H10000) Mod 1024)
    End If
End Function
