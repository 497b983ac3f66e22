Attribute VB_Name = "InvoiceRulesRibbon"
Option Explicit

' What Excel's ribbon calls. Each button's and drop-down's tag is the function of Python's addin.udfs that it stands for.
' No error leaves this module: a user sees a sentence, never the VBA editor.

Private Const TITLE As String = "Invoice Rules"

Private Ribbon As IRibbonUI

Public Sub OnRibbonLoad(ByVal ui As IRibbonUI)
    Set Ribbon = ui
    RegisterFunctions
End Sub

Public Sub OnAction(ByVal control As IRibbonControl)
    On Error GoTo Failed
    If BookIsThere(control.Tag) Then RunCommand PythonCommand(control.Tag), LabelOf(control.Tag)
    Exit Sub
Failed:
    TellFailure Err.Number, Err.Description
End Sub

Public Sub OnChoice(ByVal control As IRibbonControl, ByVal selectedId As String, ByVal selectedIndex As Integer)
    Dim kind As String
    On Error GoTo Failed
    kind = KindOf(control.Tag)
    If EntryCount(kind) = 0 Then
        Tell "There is no list to choose from yet. Press Settings once, or run: invoice-rules addin install", vbInformation
    Else
        RunCommand ChoiceCommand(control.Tag, EntryId(kind, selectedIndex)), LabelOf(control.Tag)
    End If
    Exit Sub
Failed:
    TellFailure Err.Number, Err.Description
End Sub

Public Sub GetItemCount(ByVal control As IRibbonControl, ByRef returnedVal As Variant)
    On Error GoTo Failed
    LoadEntries KindOf(control.Tag)
    returnedVal = EntryCount(KindOf(control.Tag))
    If returnedVal = 0 Then returnedVal = 1 ' one line that says that there is no list
    Exit Sub
Failed:
    returnedVal = 1
End Sub

' Office wants ids that differ from each other; what an entry stands for is looked up by its place.
Public Sub GetItemID(ByVal control As IRibbonControl, ByVal index As Integer, ByRef returnedVal As Variant)
    returnedVal = control.Tag & "_" & index
End Sub

Public Sub GetItemLabel(ByVal control As IRibbonControl, ByVal index As Integer, ByRef returnedVal As Variant)
    On Error GoTo Failed
    returnedVal = EntryLabel(KindOf(control.Tag), index)
    Exit Sub
Failed:
    returnedVal = "(no list yet)"
End Sub

Public Sub GetSelectedItemIndex(ByVal control As IRibbonControl, ByRef returnedVal As Variant)
    On Error GoTo Failed
    returnedVal = ChosenIndex(KindOf(control.Tag))
    Exit Sub
Failed:
    returnedVal = 0
End Sub

Public Sub GetVersion(ByVal control As IRibbonControl, ByRef returnedVal As Variant)
    returnedVal = "Version " & IR_VERSION
End Sub

' The drop-downs are read anew from the list file. On a Mac, Python's end calls this (through CleanUp); on Windows, RunCommand does.
Public Sub RefreshRibbon()
    On Error GoTo Failed
    If Ribbon Is Nothing Then Exit Sub ' VBA was reset: Excel's next start brings the ribbon back
    Dim name As Variant
    For Each name In Split(IR_CONTROLS, "|")
        Ribbon.InvalidateControl CStr(name)
    Next name
    Exit Sub
Failed:
    Debug.Print Err.Description
End Sub

Public Sub Tell(ByVal message As String, ByVal style As Long)
    MsgBox message, style, TITLE
End Sub

Private Sub RunCommand(ByVal command As String, ByVal label As String)
    Dim shown As String
    RegisterFunctions
    shown = TITLE & ": " & label & " ..."
    Application.StatusBar = shown
    RunPython command
    #If Mac Then
        ' Python runs beside Excel there and calls CleanUp when it is done.
    #Else
        If CStr(Application.StatusBar) = shown Then Application.StatusBar = False
        RefreshRibbon
    #End If
End Sub

Private Function BookIsThere(ByVal name As String) As Boolean
    BookIsThere = True
    If InStr(1, IR_WITHOUT_BOOK, "|" & name & "|", vbBinaryCompare) > 0 Then Exit Function
    If ActiveWorkbook Is Nothing Then
        BookIsThere = False
        Tell "Open the workbook with the invoices first. If it is open in Protected View, press Enable Editing.", vbInformation
    End If
End Function

' Our own failures are whole sentences; one of VBA's or of Windows gets the sentence that it lacks.
Private Sub TellFailure(ByVal number As Long, ByVal description As String)
    Application.StatusBar = False
    If number < vbObjectError + FIRST_FAILURE Or number > vbObjectError + LAST_FAILURE Then
        If Right$(description, 1) <> "." Then description = description & "."
        description = "Excel could not do this: " & description & " Run: invoice-rules addin doctor"
    End If
    Tell description, vbExclamation
End Sub
